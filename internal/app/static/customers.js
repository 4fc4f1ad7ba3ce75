// What HTML cannot do for the list: search as you type, the next page on scroll,
// details beside it without losing its place. Every link and form works without.
// No customer's data is stored: what is remembered for Back is where the list was,
// as addresses, in the history entry itself.
'use strict';
(() => {
  const list = $('list'), results = $('results'), pane = $('detail'), input = $('q');
  const wide = matchMedia('(min-width: 900px)');
  const scroller = () => (wide.matches ? list : document.scrollingElement);

  // The list: from which page on it shows, which were added, where it stands.
  let added = [], loading = null, asked = 0, leaving = null;
  const self = () => results.querySelector('.page')?.dataset.self;
  const remember = () => { if (!leaving) history.replaceState({ from: self(), added, at: scroller().scrollTop }, ''); };
  let later;
  const rememberSoon = () => { clearTimeout(later); later = setTimeout(remember, 250); };
  document.addEventListener('scroll', rememberSoon, { passive: true });
  list.addEventListener('scroll', rememberSoon, { passive: true });
  addEventListener('pagehide', remember);

  function about(part) {
    const from = part.querySelector('.about');
    if (from) { $('about').replaceChildren(...from.childNodes); from.remove(); }
  }
  const nextLink = () => results.querySelector('a[rel=next]');
  const unordered = () => { for (const h of results.querySelectorAll('h2[data-section]')) h.remove(); };

  // append puts the page after the last one; sections go on while the whole list
  // really is in name order, and go away for good when it is not.
  function append(part) {
    const page = part.querySelector('.page'), before = [...results.querySelectorAll('.page')].pop();
    const ordered = before && 'ordered' in before.dataset && 'ordered' in page.dataset && before.dataset.to <= page.dataset.from;
    part.querySelector('.about')?.remove();
    page.querySelector('.above')?.remove();
    if (before && page.querySelector('[data-customer-id]')) {
      if (!ordered) {
        unordered();
        for (const h of page.querySelectorAll('h2[data-section]')) h.remove();
        delete page.dataset.ordered;
      }
      const last = [...results.querySelectorAll('.group')].pop(), first = page.querySelector('.group');
      const heading = (g) => g?.querySelector('h2')?.dataset.section;
      if (last && first && heading(last) === heading(first)) {
        last.querySelector('ul').append(...first.querySelectorAll('li'));
        first.remove();
      }
    } else if (before) {
      for (const s of page.querySelectorAll('.state.small')) s.remove();
      page.dataset.to = before.dataset.to; page.dataset.from = before.dataset.from;
      if ('ordered' in before.dataset) page.dataset.ordered = '';
    }
    reveal(page);
    results.append(page);
  }

  async function more() {
    const link = nextLink();
    if (!link || loading) return;
    const url = link.getAttribute('href'), turn = asked, place = link.closest('.next');
    loading = new AbortController();
    const refocus = holder(place), there = soon(() => place.replaceChildren(copyOf('skeleton-list')));
    try {
      const part = await ask(url, 'list', loading.signal);
      there();
      if (turn !== asked) return;
      const failed = part.querySelector('[data-error-code]'), first = part.querySelector('.row, .state a');
      place.remove();
      if (!failed) added.push(url);
      append(part);
      refocus(first);
      say('');
      rememberSoon();
    } catch (e) {
      there();
      if (turn !== asked || e.name === 'AbortError') return;
      place.replaceChildren(offline(url));
      refocus(place.querySelector('a'));
    } finally { if (turn === asked) { loading = null; watch(); } }
  }
  let watcher;
  function watch() {
    watcher?.disconnect();
    watcher = new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) more(); },
      { root: wide.matches ? list : null, rootMargin: '0px 0px 900px 0px' });
    const link = nextLink();
    if (link) watcher.observe(link.closest('.next'));
  }
  wide.addEventListener('change', watch);

  // show replaces what is listed by what url answers; of several questions under
  // way only the newest counts.
  async function show(url) {
    const turn = ++asked;
    loading?.abort();
    loading = new AbortController();
    const refocus = holder(results), there = soon(() => results.replaceChildren(copyOf('skeleton-list')));
    results.setAttribute('aria-busy', 'true');
    let part;
    try { part = await ask(url, 'list', loading.signal); } catch (e) {
      if (e.name === 'AbortError') { there(); return; }
      part = offline(url);
    }
    there();
    if (turn !== asked) return;
    loading = null;
    added = [];
    results.removeAttribute('aria-busy');
    if (!part.querySelector('.about')) $('about').replaceChildren();
    about(part);
    reveal(part);
    results.replaceChildren(part);
    refocus(results);
    localise($('about'));
    select(location.href);
    const page = results.querySelector('.page');
    say(results.querySelector('.state h2')?.textContent || page?.dataset.say || '');
    watch();
  }

  // Search as you type.
  let shown = input.value.trim(), wait;
  function search() {
    clearTimeout(wait);
    const q = input.value.trim();
    $('clear').hidden = input.value === '';
    if (q === shown) return;
    shown = q;
    const here = new URL(location), to = new URL('/customers', location);
    for (const u of [here, to]) {
      u.searchParams.delete('page');
      if (q) u.searchParams.set('q', q); else u.searchParams.delete('q');
    }
    history.replaceState({ added: [], at: 0 }, '', here);
    if (scroller().scrollTop > list.querySelector('.search').offsetTop) scroller().scrollTop = list.querySelector('.search').offsetTop;
    return show(to);
  }
  input.addEventListener('input', (e) => {
    if (e.isComposing) return;
    $('clear').hidden = input.value === '';
    clearTimeout(wait);
    wait = setTimeout(search, 130);
  });
  input.addEventListener('compositionend', () => { clearTimeout(wait); wait = setTimeout(search, 130); });
  list.querySelector('.search').addEventListener('submit', (e) => { e.preventDefault(); search(); if (!wide.matches) input.blur(); });
  function clear(e) {
    e.preventDefault();
    input.value = '';
    input.focus();
    search();
  }
  $('clear').addEventListener('click', clear);

  // Clicks in the list: try again, clear, next page, and on wide screens a
  // customer beside the list.
  const plain = (e) => !(e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey);
  list.addEventListener('click', (e) => {
    const a = e.target.closest('a');
    if (!a || !plain(e)) return;
    if (a.matches('[data-clear]')) return clear(e);
    if (a.matches('[rel=next]')) { e.preventDefault(); more(); return; }
    if (a.matches('[data-retry]')) {
      e.preventDefault();
      const last = results.querySelector('[data-customer-id]') && a.closest('.state');
      if (!last) { show(a.href); return; }
      const next = document.createElement('p'), link = document.createElement('a');
      next.className = 'next'; link.rel = 'next'; link.className = 'button'; link.textContent = a.textContent; link.setAttribute('href', a.getAttribute('href'));
      next.append(link);
      (last.closest('.next') || last).replaceWith(next);
      link.focus({ preventScroll: true });
      more();
      return;
    }
    if (!a.matches('.row')) return;
    remember();
    if (!wide.matches) { leave(a); return; }
    e.preventDefault();
    if (a.href !== location.href) history.pushState(history.state, '', a.href);
    open(a.href);
  });

  // On a phone the details are a page of their own: its avatar grows out of the
  // row's, and while it is slow to come its bones show, with the way back.
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
    for (const old of results.querySelectorAll('.avatar[style]')) old.removeAttribute('style');
    if (!leaving) return;
    leaving.there();
    if (document.body.dataset.view === 'detail') {
      pane.replaceChildren(...choose);
      document.body.dataset.view = 'list';
      scroller().scrollTop = leaving.at;
    }
    leaving = null;
  }
  addEventListener('pageshow', (e) => { if (e.persisted) stay(); });

  let opening = 0;
  async function open(url) {
    const turn = ++opening, refocus = holder(pane), there = soon(() => pane.replaceChildren(copyOf('skeleton-detail')));
    select(url);
    let part;
    try { part = await ask(url, 'detail'); } catch { part = offline(url); }
    there();
    if (turn !== opening) return;
    const person = part.querySelector('.person');
    reveal(part);
    pane.replaceChildren(part);
    pane.scrollTop = 0;
    pane.tabIndex = person && 'idle' in person.dataset ? 0 : -1;
    view('detail');
    refocus(pane);
    if (person) { document.title = person.dataset.title + ' · ' + appName; say(person.dataset.title); }
  }
  // view also turns the way past the list to what there is to read.
  function view(which) {
    document.body.dataset.view = which;
    document.querySelector('.skip').setAttribute('href', which === 'detail' ? '#detail' : '#results');
  }
  const appName = document.title.split(' · ').pop();
  const bare = (url) => { const u = new URL(url, location); return u.pathname + (u.searchParams.get('id') || ''); };
  function select(url) {
    for (const row of results.querySelectorAll('.row')) {
      if (bare(row.href) === bare(url)) row.setAttribute('aria-current', 'true'); else row.removeAttribute('aria-current');
    }
  }
  pane?.addEventListener('click', (e) => {
    const a = e.target.closest('a');
    if (!a || !plain(e)) return;
    if (a.matches('[data-retry]') && a.href === location.href && wide.matches) { e.preventDefault(); open(a.href); }
    if (a.matches('.back') && leaving) { e.preventDefault(); stop(); stay(); return; }
    // The way back is Back itself when the list is what came before.
    if (a.matches('.back') && document.referrer && bare(document.referrer) === '/customers' && history.length > 1) { e.preventDefault(); history.back(); }
  });
  const choose = pane && !pane.querySelector('.person') ? [...pane.childNodes] : null, title = document.title;
  addEventListener('popstate', (e) => {
    const u = new URL(location);
    if (u.pathname !== '/customers' || u.searchParams.has('id')) open(u.href);
    else if (choose) { opening++; pane.replaceChildren(...choose); pane.removeAttribute('tabindex'); view('list'); document.title = title; select(u.href); } else location.reload();
    const q = u.searchParams.get('q') || '';
    if (q !== shown) { input.value = q; search(); }
  });

  // Coming back without the page having been kept: the list begins where it began,
  // the pages that were added are added again, and it stands where it stood.
  (async () => {
    const state = history.state, turn = asked;
    const whole = (part) => { if (part.querySelector('[data-error-code]')) throw new Error('a page is gone'); return part; };
    try {
      if (state?.from && state.from !== self()) {
        const part = whole(await ask(state.from, 'list'));
        if (turn !== asked) return;
        about(part);
        reveal(part);
        results.replaceChildren(part);
        select(location.href);
      }
      // As many as it takes, six at a time.
      const enough = () => !nextLink() || scroller().scrollHeight > state.at + 2 * innerHeight;
      for (let i = 0; i < (state?.added?.length || 0) && !enough(); i += 6) {
        const urls = state.added.slice(i, i + 6), parts = await Promise.all(urls.map((url) => ask(url, 'list')));
        if (turn !== asked) return;
        for (const [j, part] of parts.entries()) {
          whole(part);
          nextLink()?.closest('.next').remove();
          append(part);
          added.push(urls[j]);
        }
      }
      if (state?.at && (wide.matches || state.added?.length)) scroller().scrollTop = state.at;
    } catch { /* what was added stands, and the rest comes on scroll */ }
    if (wide.matches && !state?.at) results.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    select(location.href);
    watch();
  })();
})();
