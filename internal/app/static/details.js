// A customer's details: beside the list on wide screens, a page of their own on phones.
// The list is in customers.js.
'use strict';
const details = (() => {
  const pane = $('detail'), results = $('results'), wide = matchMedia('(min-width: 900px)');
  const scroller = () => (wide.matches ? $('list') : document.scrollingElement);
  const appName = document.title.split(' · ').pop(), title = document.title;
  const placeholder = pane.querySelector('.person') ? null : [...pane.childNodes];

  const pathOf = (url) => { const u = new URL(url, location); return u.pathname + (u.searchParams.get('id') || ''); };
  function select(url) {
    for (const row of results.querySelectorAll('.row')) {
      if (pathOf(row.href) === pathOf(url)) row.setAttribute('aria-current', 'true'); else row.removeAttribute('aria-current');
    }
  }
  // setView selects the pane on phones, also as the target of the skip link.
  function setView(which) {
    document.body.dataset.view = which;
    document.querySelector('.skip').setAttribute('href', which === 'detail' ? '#detail' : '#results');
  }

  function setContent(part) {
    const person = part.querySelector('.person');
    reveal(part);
    pane.replaceChildren(part);
    pane.tabIndex = person && 'idle' in person.dataset ? 0 : -1;
    if (person) document.title = person.dataset.title + ' · ' + appName;
    return person;
  }
  let opening = null;
  // open shows the details at url; wait is the number of seconds to wait first.
  async function open(url, wait) {
    opening?.abort();
    stopUpdates(view);
    const { signal } = opening = new AbortController();
    const skeleton = () => pane.querySelector('[data-pending]');
    const refocus = keepFocus(pane), cancelSkeleton = skeleton() ? () => {} : soon(() => pane.replaceChildren(copyOf('skeleton-detail')));
    select(url);
    let part;
    try {
      part = await fetchReady(url, 'detail', signal, (part) => {
        cancelSkeleton();
        if (skeleton()) return;
        setContent(part);
        setView('detail');
        say(pane.querySelector('.waiting strong').textContent);
      }, wait);
    } catch (e) {
      cancelSkeleton();
      if (e.name === 'AbortError') return;
      part = offline(url);
    }
    cancelSkeleton();
    opening = null;
    const person = setContent(part);
    pane.scrollTop = 0;
    setView('detail');
    refocus(pane);
    if (person) say(person.dataset.title);
    startUpdates(view);
  }
  // close shows the placeholder for no selection, where the page has one.
  function close() {
    opening?.abort();
    stopUpdates(view);
    pane.replaceChildren(...placeholder);
    pane.removeAttribute('tabindex');
    setView('list');
    document.title = title;
    select(location.href);
  }

  // The view for updates in place; see fresh.js.
  const content = (root) => JSON.stringify([...root.querySelectorAll(':is(.who, .card, .actions :is(a, button), .off, .link, .copy, .avatar img, .notice.soft):not(noscript *)')]
    .map((e) => [e.textContent, e.getAttribute('href'), e.getAttribute('src'), e.dataset.copy]));
  const view = {
    part: 'detail',
    element: () => pane.querySelector('.person'),
    canReplace: () => !pane.querySelector('details[open]') && (document.activeElement === pane || !pane.contains(document.activeElement)) &&
      getSelection().isCollapsed && (wide.matches ? pane : document.scrollingElement).scrollTop < 40,
    isSame: async (response) => content(response) === content(pane),
    updateAge(response) {
      const shown = pane.querySelector('.person'), newer = response.querySelector('.person');
      reveal(response);
      if (newer.dataset.staleCode && !shown.dataset.staleCode) say(newer.querySelector('.notice.old').textContent);
      copyData(shown, newer);
      for (const e of shown.querySelectorAll('.about, .notice.old')) e.remove();
      shown.querySelector('.who')?.after(...newer.querySelectorAll('.about, .notice.old'));
    },
    replace(response, onClick) {
      const to = wide.matches ? pane : document.scrollingElement;
      setContent(response);
      if (!onClick) return;
      to.scrollTop = 0;
      pane.focus({ preventScroll: true });
    },
    insertButton: (button) => pane.prepend(button),
  };

  // On phones the details are a page of their own: the avatar of the row animates into
  // it, and a skeleton with a back link shows while it loads.
  let leaving = null;
  function showPage(a) {
    showList();
    a.querySelector('.avatar').style.viewTransitionName = 'avatar';
    const cancelSkeleton = soon(() => {
      pane.replaceChildren(copyOf('skeleton-detail'));
      document.body.dataset.view = 'detail';
      scrollTo(0, 0);
    });
    leaving = { at: scroller().scrollTop, cancelSkeleton };
  }
  // showList shows the list again at its scroll position, after Back or a cancelled load.
  function showList() {
    for (const avatar of results.querySelectorAll('.avatar[style]')) avatar.removeAttribute('style');
    if (!leaving) return;
    leaving.cancelSkeleton();
    if (document.body.dataset.view === 'detail') {
      pane.replaceChildren(...placeholder);
      document.body.dataset.view = 'list';
      scroller().scrollTop = leaving.at;
    }
    leaving = null;
  }

  pane.addEventListener('click', (e) => {
    const a = e.target.closest('a');
    if (!a || !isPlainClick(e)) return;
    if (a.matches('[data-retry]') && a.href === location.href && wide.matches) { e.preventDefault(); open(a.href); }
    if (a.matches('.back') && leaving) { e.preventDefault(); stop(); showList(); return; }
    // The back link goes back in the history when the list is the previous page.
    if (a.matches('.back') && document.referrer && pathOf(document.referrer) === '/customers' && history.length > 1) { e.preventDefault(); history.back(); }
  });

  // start loads pending details or starts updates, also after Back.
  function start() {
    const pending = pane.querySelector('.person[data-pending]');
    if (pending) open(location.href, +pending.dataset.pending); else startUpdates(view);
  }
  addEventListener('pagehide', () => { opening?.abort(); stopUpdates(view); });
  addEventListener('pageshow', (e) => { if (e.persisted) { showList(); start(); } });
  start();

  return { wide, scroller, select, open, showPage, leaving: () => leaving, close: placeholder && close };
})();
