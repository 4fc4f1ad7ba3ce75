// What every page needs of scripts: times in the device's zone, copying, choosers,
// and a page kept for Back. Everything has a plain link or form underneath.
'use strict';
// What customers.js takes from here comes first.
const $ = (id) => document.getElementById(id);
const copyOf = (id) => $(id).content.cloneNode(true);
// say tells those who hear the page; the same words twice are said twice.
function say(text) {
  const said = $('said');
  if (!said) return;
  said.textContent = '';
  clearTimeout(say.timer);
  if (text) say.timer = setTimeout(() => { said.textContent = text; }, 50);
}

// ask fetches one part of a page; what is not there yet says in how many seconds to
// ask again, as wait. Signed out in the meantime: the page goes.
async function ask(url, part, signal) {
  const answer = await fetch(url, { headers: { 'Clientele-Part': part }, signal, cache: 'no-store' });
  if (answer.status === 401) { location.reload(); return new Promise(() => {}); }
  if (!(answer.headers.get('Content-Type') || '').startsWith('text/html')) throw new Error('not a page');
  const box = document.createElement('template');
  box.innerHTML = await answer.text(); // written by our server, which escapes
  if (answer.status === 202) box.content.wait = +answer.headers.get('Retry-After') || 1;
  return box.content;
}
function offline(url) {
  const state = copyOf('offline');
  state.firstElementChild.dataset.errorCode = 'offline';
  state.querySelector('a').href = url;
  return state;
}
// soon runs show unless what it announces was there within 150 ms.
function soon(show) {
  const timer = setTimeout(() => { say($('words').dataset.loading); show(); }, 150);
  return () => clearTimeout(timer);
}
// holder answers how to give the focus to another when its place is replaced.
function holder(place) {
  const held = place.contains(document.activeElement);
  return (next) => { if (held && document.activeElement === document.body) next?.focus({ preventScroll: true }); };
}

// Times, in the device's own zone while the person has chosen none.
function localise(root) {
  const now = new Date(), lang = document.documentElement.lang;
  // English is written as in the browser's country.
  const tag = lang === 'en' ? navigator.languages.find((l) => l.startsWith('en-')) ?? 'en-GB' : lang;
  for (const time of root.querySelectorAll('time[data-local]')) {
    const t = new Date(time.dateTime);
    const form = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', numberingSystem: 'latn' };
    if (tag.startsWith('en')) Object.assign(form, { hour: 'numeric', hourCycle: undefined });
    if (t.toDateString() !== now.toDateString()) Object.assign(form, { day: 'numeric', month: 'long' });
    if (t.getFullYear() !== now.getFullYear()) form.year = 'numeric';
    time.textContent = new Intl.DateTimeFormat(tag, form).format(t);
  }
}
function reveal(root) {
  localise(root);
  for (const img of root.querySelectorAll('.avatar img')) if (img.complete && img.naturalWidth) came(img);
  if (navigator.clipboard) for (const b of root.querySelectorAll('.copy')) b.hidden = false;
}

// A picture covers the initials below it, also where one can see through it. One that
// does not come, or is a single pixel for want of another, leaves them to be seen.
const came = (img) => {
  img.classList.toggle('came', img.naturalWidth > 1);
  img.hidden = img.naturalWidth < 2;
};
for (const type of ['load', 'error']) {
  document.addEventListener(type, (e) => { if (e.target.matches?.('.avatar img')) came(e.target); }, true);
}

(() => {
  reveal(document);

  // A chooser closes when one was chosen, and when work goes on elsewhere: it lies
  // over what is below it.
  const shut = (keep) => {
    for (const open of document.querySelectorAll('details.action[open]')) if (!open.contains(keep)) open.open = false;
  };
  document.addEventListener('click', async (e) => {
    shut(e.target.closest('.choice a') ? null : e.target);
    const copy = e.target.closest('.copy');
    if (!copy) return;
    try { await navigator.clipboard.writeText(copy.dataset.copy); } catch { return; }
    copy.classList.add('did');
    setTimeout(() => copy.classList.remove('did'), 1600);
    say($('words').dataset.copied);
  });
  document.addEventListener('focusin', (e) => shut(e.target));
  document.addEventListener('toggle', (e) => {
    if (e.target.open) e.target.querySelector('.choice')?.scrollIntoView({ block: 'nearest' });
  }, true);
  document.addEventListener('keydown', (e) => {
    const open = e.key === 'Escape' && document.querySelector('details.action[open]');
    if (open) { open.open = false; open.querySelector('summary').focus(); }
  });

  // A page that the browser kept for Back is not shown again after signing out:
  // at once when that happened in this browser, else as soon as pulse.js is told.
  // All that is stored is when the way in was last shown.
  const left = () => { try { return localStorage.getItem('left'); } catch { return null; } };
  if (document.body.matches('.signin')) try { localStorage.setItem('left', Date.now()); } catch { /* not allowed to */ }
  const leftBefore = left();
  addEventListener('pageshow', (e) => {
    if (!e.persisted || document.body.matches('.plain')) return;
    if (left() !== leftBefore) { document.documentElement.hidden = true; location.reload(); }
  });
})();
