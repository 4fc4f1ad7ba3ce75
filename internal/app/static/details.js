// A customer's details: beside the list on wide screens, a page of their own on a
// phone. See customers.js for the list.
'use strict';
const details = (() => {
  const pane = $('detail'), results = $('results'), wide = matchMedia('(min-width: 900px)');
  const scroller = () => (wide.matches ? $('list') : document.scrollingElement);
  const appName = document.title.split(' · ').pop(), title = document.title;
  const choose = pane.querySelector('.person') ? null : [...pane.childNodes];

  const bare = (url) => { const u = new URL(url, location); return u.pathname + (u.searchParams.get('id') || ''); };
  function select(url) {
    for (const row of results.querySelectorAll('.row')) {
      if (bare(row.href) === bare(url)) row.setAttribute('aria-current', 'true'); else row.removeAttribute('aria-current');
    }
  }
  // view also turns the way past the list to what there is to read.
  function view(which) {
    document.body.dataset.view = which;
    document.querySelector('.skip').setAttribute('href', which === 'detail' ? '#detail' : '#results');
  }

  function put(part) {
    const person = part.querySelector('.person');
    reveal(part);
    pane.replaceChildren(part);
    pane.tabIndex = person && 'idle' in person.dataset ? 0 : -1;
    if (person) document.title = person.dataset.title + ' · ' + appName;
    return person;
  }
  let opening = null;
  // open shows what url answers; wait tells that the page itself was not there yet.
  async function open(url, wait) {
    opening?.abort();
    unfollow(old);
    const { signal } = opening = new AbortController();
    const bones = () => pane.querySelector('[data-pending]');
    const refocus = holder(pane), there = bones() ? () => {} : soon(() => pane.replaceChildren(copyOf('skeleton-detail')));
    select(url);
    let part;
    try {
      part = await settled(url, 'detail', signal, (part) => {
        there();
        if (bones()) return;
        put(part);
        view('detail');
        say(pane.querySelector('.waiting strong').textContent);
      }, wait);
    } catch (e) {
      there();
      if (e.name === 'AbortError') return;
      part = offline(url);
    }
    there();
    opening = null;
    const person = put(part);
    pane.scrollTop = 0;
    view('detail');
    refocus(pane);
    if (person) say(person.dataset.title);
    follow(old);
  }
  // close shows that nobody is chosen; it is only called where that can be shown.
  function close() {
    opening?.abort();
    unfollow(old);
    pane.replaceChildren(...choose);
    pane.removeAttribute('tabindex');
    view('list');
    document.title = title;
    select(location.href);
  }

  // What makes details old, and how newer ones take their place.
  const content = (root) => JSON.stringify([...root.querySelectorAll(':is(.who, .card, .actions a, .off, .link, .copy, .avatar img, .notice.soft):not(noscript *)')]
    .map((e) => [e.textContent, e.getAttribute('href'), e.getAttribute('src'), e.dataset.copy]));
  const old = {
    part: 'detail',
    shown: () => pane.querySelector('.person'),
    free: () => !pane.querySelector('details[open]') && (document.activeElement === pane || !pane.contains(document.activeElement)) &&
      getSelection().isCollapsed && (wide.matches ? pane : document.scrollingElement).scrollTop < 40,
    same: async (answer) => content(answer) === content(pane),
    age(answer) {
      const shown = pane.querySelector('.person'), fresh = answer.querySelector('.person');
      reveal(answer);
      if (fresh.dataset.staleCode && !shown.dataset.staleCode) say(fresh.querySelector('.notice.old').textContent);
      takeOver(shown, fresh);
      for (const e of shown.querySelectorAll('.about, .notice.old')) e.remove();
      shown.querySelector('.who')?.after(...fresh.querySelectorAll('.about, .notice.old'));
    },
    put(answer, asked) {
      const to = wide.matches ? pane : document.scrollingElement;
      put(answer);
      if (!asked) return;
      to.scrollTop = 0;
      pane.focus({ preventScroll: true });
    },
    offer: (pill) => pane.prepend(pill),
  };

  // On a phone the details are a page of their own: its avatar grows out of the
  // row's, and while it is slow to come its bones show, with the way back.
  let leaving = null;
  function leave(a) {
    stay();
    a.querySelector('.avatar').style.viewTransitionName = 'avatar';
    const there = soon(() => {
      pane.replaceChildren(copyOf('skeleton-detail'));
      document.body.dataset.view = 'detail';
      scrollTo(0, 0);
    });
    leaving = { at: scroller().scrollTop, there };
  }
  // stay shows the list again where it was left: kept for Back, or nobody waits.
  function stay() {
    for (const avatar of results.querySelectorAll('.avatar[style]')) avatar.removeAttribute('style');
    if (!leaving) return;
    leaving.there();
    if (document.body.dataset.view === 'detail') {
      pane.replaceChildren(...choose);
      document.body.dataset.view = 'list';
      scroller().scrollTop = leaving.at;
    }
    leaving = null;
  }

  pane.addEventListener('click', (e) => {
    const a = e.target.closest('a');
    if (!a || !plain(e)) return;
    if (a.matches('[data-retry]') && a.href === location.href && wide.matches) { e.preventDefault(); open(a.href); }
    if (a.matches('.back') && leaving) { e.preventDefault(); stop(); stay(); return; }
    // The way back is Back itself when the list is what came before.
    if (a.matches('.back') && document.referrer && bare(document.referrer) === '/customers' && history.length > 1) { e.preventDefault(); history.back(); }
  });

  // A page that waits fills itself in; one that was kept for Back goes on.
  function begin() {
    const pending = pane.querySelector('.person[data-pending]');
    if (pending) open(location.href, +pending.dataset.pending); else follow(old);
  }
  addEventListener('pagehide', () => { opening?.abort(); unfollow(old); });
  addEventListener('pageshow', (e) => { if (e.persisted) { stay(); begin(); } });
  begin();

  return { wide, scroller, select, open, leave, leaving: () => leaving, close: choose && close };
})();
