// The script of every page: times in the device's zone, copy buttons, menus, and
// pages restored by Back. Everything works without it, as a plain link or form.
'use strict';
// Functions that the scripts of the sites use too.
const $ = (id) => document.getElementById(id);
const copyOf = (id) => $(id).content.cloneNode(true);
// say announces text to screen readers, also the same text twice.
function say(text) {
  const live = $('said');
  if (!live) return;
  live.textContent = '';
  clearTimeout(say.timer);
  if (text) say.timer = setTimeout(() => { live.textContent = text; }, 50);
}

// ask fetches one part of a page as a fragment. A part that is not ready has the
// seconds until the next try as wait. When signed out, the page is reloaded.
async function ask(url, part, signal) {
  const response = await fetch(url, { headers: { 'Clientele-Part': part }, signal, cache: 'no-store' });
  if (response.status === 401) { location.reload(); return new Promise(() => {}); }
  if (!(response.headers.get('Content-Type') || '').startsWith('text/html')) throw new Error('not a page');
  const template = document.createElement('template');
  template.innerHTML = await response.text(); // escaped by our server
  if (response.status === 202) template.content.wait = +response.headers.get('Retry-After') || 1;
  return template.content;
}
function offline(url) {
  const state = copyOf('offline');
  state.firstElementChild.dataset.errorCode = 'offline';
  state.querySelector('a').href = url;
  return state;
}
// soon announces loading and runs show after 150 ms, unless the function that it
// returns is called before.
function soon(show) {
  const timer = setTimeout(() => { say($('words').dataset.loading); show(); }, 150);
  return () => clearTimeout(timer);
}
// keepFocus returns a function to call when the content of parent was replaced: it
// focuses next if the focus was inside parent and was lost.
function keepFocus(parent) {
  const focused = parent.contains(document.activeElement);
  return (next) => { if (focused && document.activeElement === document.body) next?.focus({ preventScroll: true }); };
}

// dateLanguage returns the language of dates. English is American for browsers that prefer
// it, as on the server.
function dateLanguage() {
  const { lang } = document.documentElement;
  if (lang !== 'en') return lang;
  return navigator.languages.find((l) => /^en-[A-Z]{2}/.test(l)) === 'en-US' ? 'en-US' : 'en-GB';
}
// localise writes times in the device's zone, unless the person chose a zone.
function localise(root) {
  const now = new Date(), tag = dateLanguage();
  for (const time of root.querySelectorAll('time[data-local]')) {
    const t = new Date(time.dateTime);
    const form = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', numberingSystem: 'latn' };
    if (tag === 'en-US') Object.assign(form, { hour: 'numeric', hourCycle: undefined });
    const other = t.toDateString() !== now.toDateString() && time.dataset.local !== 'clock';
    if (other) Object.assign(form, { day: 'numeric', month: 'long' });
    if (other && t.getFullYear() !== now.getFullYear()) form.year = 'numeric';
    if (other && time.dataset.local === 'day') form.hour = form.minute = undefined;
    time.textContent = new Intl.DateTimeFormat(tag, form).format(t);
  }
}
// reveal prepares new content for display.
function reveal(root) {
  localise(root);
  for (const img of root.querySelectorAll('.avatar img')) if (img.complete && img.naturalWidth) showAvatar(img);
  if (navigator.clipboard) for (const b of root.querySelectorAll('.copy')) b.hidden = false;
}

// showAvatar covers the initials with a loaded image. An image that failed to load,
// or is the one-pixel placeholder, is hidden instead.
const showAvatar = (img) => {
  img.classList.toggle('came', img.naturalWidth > 1);
  img.hidden = img.naturalWidth < 2;
};
for (const type of ['load', 'error']) {
  document.addEventListener(type, (e) => { if (e.target.matches?.('.avatar img')) showAvatar(e.target); }, true);
}

(() => {
  reveal(document);

  // A menu closes after a choice, and on a click or focus outside it.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll('details:is(.action, .menu)[open]')) if (!menu.contains(except)) menu.open = false;
  };
  document.addEventListener('click', async (e) => {
    closeMenus(e.target.closest('.choice a') ? null : e.target);
    const copy = e.target.closest('.copy');
    if (!copy) return;
    try { await navigator.clipboard.writeText(copy.dataset.copy); } catch { return; }
    copy.classList.add('did');
    setTimeout(() => copy.classList.remove('did'), 1600);
    say($('words').dataset.copied);
  });
  document.addEventListener('focusin', (e) => closeMenus(e.target));
  document.addEventListener('toggle', (e) => {
    if (e.target.open) e.target.querySelector('.choice')?.scrollIntoView({ block: 'nearest' });
  }, true);
  document.addEventListener('keydown', (e) => {
    const open = e.key === 'Escape' && document.querySelector('details:is(.action, .menu)[open]');
    if (open) { open.open = false; open.querySelector('summary').focus(); }
  });

  // A page restored by Back is not shown after signing out: at once when that was in
  // this browser, else when pulse.js notices. Only the time when the sign-in page
  // was last shown is stored.
  const lastSignIn = () => { try { return localStorage.getItem('left'); } catch { return null; } };
  if (document.body.matches('.signin')) try { localStorage.setItem('left', Date.now()); sessionStorage.clear(); } catch { /* storage is blocked */ }
  const signInBefore = lastSignIn();
  addEventListener('pageshow', (e) => {
    if (!e.persisted || document.body.matches('.plain')) return;
    if (lastSignIn() !== signInBefore) { document.documentElement.hidden = true; location.reload(); }
  });
})();
