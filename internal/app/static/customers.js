// The list: loads the next page on scroll, updates in place, and opens details beside the
// list. Every link and form works without scripts. No customer data is stored: for Back,
// the history entry holds the addresses of the pages and the scroll position.
'use strict';
(() => {
  const list = $('list'), results = $('results'), input = $('q');
  const { wide, scroller, select } = details;
  const search = searchAsYouType(list.querySelector('.search'), scroller, (url) => load(url));

  // added holds the addresses of the pages after the first; latest is the number of the
  // latest request, which outdates earlier ones.
  let added = [], loading = null, latest = 0, loadingURL = '';
  const first = () => results.querySelector('.page');
  const saveState = () => { if (!details.leaving()) history.replaceState({ from: first()?.dataset.self, added, at: scroller().scrollTop }, ''); };
  let saveTimer;
  const saveStateSoon = () => { clearTimeout(saveTimer); saveTimer = setTimeout(saveState, 250); };
  document.addEventListener('scroll', saveStateSoon, { passive: true });
  list.addEventListener('scroll', saveStateSoon, { passive: true });
  addEventListener('pagehide', saveState);

  function updateAbout(part) {
    const from = part.querySelector('.about');
    if (from) { $('about').replaceChildren(...from.childNodes); from.remove(); localise($('about')); }
    // The search field says what it searches, once the service has reported it.
    const { searches } = part.querySelector('.page')?.dataset || {};
    if (!searches) return;
    input.placeholder = $('words').dataset[searches === 'names' ? 'searchNames' : 'searchAll'];
    input.setAttribute('aria-label', input.placeholder);
  }
  const nextLink = () => results.querySelector('a[rel=next]');
  const removeSections = () => { for (const h of results.querySelectorAll('h2[data-section]')) h.remove(); };

  // append adds a page after the last one. Section headings stay only while the whole
  // list is sorted by name.
  function append(part) {
    const page = part.querySelector('.page'), before = [...results.querySelectorAll('.page')].pop();
    const ordered = before && 'ordered' in before.dataset && 'ordered' in page.dataset && before.dataset.to <= page.dataset.from;
    part.querySelector('.about')?.remove();
    page.querySelector('.above')?.remove();
    if (before && page.querySelector('[data-customer-id]')) {
      if (!ordered) {
        removeSections();
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

  async function loadNext() {
    const link = nextLink();
    if (!link || loading) return;
    const url = link.getAttribute('href'), request = latest, box = link.closest('.next'), content = [...box.childNodes];
    loading = new AbortController();
    const refocus = keepFocus(box), cancelSkeleton = soon(() => box.replaceChildren(copyOf('skeleton-list')));
    try {
      const part = await fetchReady(url, 'list', loading.signal, (skeleton) => {
        cancelSkeleton();
        if (box.querySelector('.waiting')) return;
        box.replaceChildren(skeleton.querySelector('.rows'), skeleton.querySelector('.waiting'));
        say(box.querySelector('strong').textContent);
      });
      cancelSkeleton();
      if (request !== latest) return;
      const failed = part.querySelector('[data-error-code]'), first = part.querySelector('.row, .state a');
      box.remove();
      if (!failed) added.push(url);
      append(part);
      refocus(first);
      say('');
      saveStateSoon();
    } catch (e) {
      cancelSkeleton();
      if (e.name === 'AbortError') { box.replaceChildren(...content); return; }
      if (request !== latest) return;
      box.replaceChildren(offline(url));
      refocus(box.querySelector('a'));
    } finally { if (request === latest) { loading = null; watch(); } }
  }
  let watcher;
  function watch() {
    watcher?.disconnect();
    watcher = new IntersectionObserver((entries) => { if (entries.some((e) => e.isIntersecting)) loadNext(); },
      { root: wide.matches ? list : null, rootMargin: '0px 0px 900px 0px' });
    const link = nextLink();
    if (link) watcher.observe(link.closest('.next'));
  }
  wide.addEventListener('change', watch);

  // load replaces the list by the page at url and cancels earlier requests. wait is the
  // number of seconds to wait first.
  async function load(url, wait) {
    const request = ++latest;
    loading?.abort();
    stopUpdates(view);
    const { signal } = loading = new AbortController();
    const skeleton = () => first()?.matches('[data-pending]');
    const refocus = keepFocus(results), cancelSkeleton = skeleton() ? () => {} : soon(() => results.replaceChildren(copyOf('skeleton-list')));
    results.setAttribute('aria-busy', 'true');
    loadingURL = url;
    let part;
    try {
      part = await fetchReady(url, 'list', signal, (part) => {
        cancelSkeleton();
        if (skeleton()) return;
        setResults(part);
        say(results.querySelector('.waiting strong').textContent);
      }, wait);
    } catch (e) {
      if (e.name === 'AbortError') { cancelSkeleton(); return; }
      part = offline(url);
    }
    cancelSkeleton();
    if (request !== latest) return;
    loading = null;
    loadingURL = '';
    results.removeAttribute('aria-busy');
    setResults(part);
    refocus(results);
    say(summary());
    watch();
    startUpdates(view);
  }
  const summary = () => results.querySelector('.state h2')?.textContent || first()?.dataset.say || '';
  function setResults(part) {
    added = [];
    if (!part.querySelector('.about')) $('about').replaceChildren();
    updateAbout(part);
    reveal(part);
    results.replaceChildren(part);
    select(location.href);
  }

  // The view for updates in place; see fresh.js.
  const rows = (root) => [...root.querySelectorAll('[data-customer-id]')];
  const content = (row) => JSON.stringify([row.dataset.customerId, row.textContent, row.querySelector('img')?.getAttribute('src')]);
  const view = {
    part: 'list',
    element: first,
    canReplace: (partial) => !loading && (partial || added.length < 2) && scroller().scrollTop < 40 && (!results.contains(document.activeElement) || document.activeElement === results),
    // Compares all pages that are shown.
    async isSame(response, signal) {
      while (loading) await pause(0.2, signal);
      const parts = [response], urls = [];
      const next = () => parts.at(-1).querySelector('a[rel=next]'), newer = () => parts.flatMap(rows);
      while (next() && newer().length < rows(results).length && urls.length < 10) {
        urls.push(next().getAttribute('href'));
        const part = await fetchReady(urls.at(-1), 'list', signal);
        if (part.querySelector('[data-error-code]')) throw new Error('a page failed');
        parts.push(part);
      }
      const current = rows(results).map(content), fetched = newer().map(content);
      if (loading || current.length !== fetched.length || current.some((row, i) => row !== fetched[i]) || !next() !== !nextLink()) return false;
      if (next()) nextLink().href = next().getAttribute('href');
      added = urls;
      return true;
    },
    updateAge(response) {
      const shown = first(), newer = response.querySelector('.page'), above = shown.querySelector('.above')?.offsetHeight || 0;
      updateAbout(response);
      reveal(response);
      if (newer.dataset.staleCode && !shown.dataset.staleCode) say(newer.querySelector('.notice.old').textContent);
      copyData(shown, newer);
      // The later pages have the same age.
      for (const page of results.querySelectorAll('.page ~ .page')) {
        for (const name of ['asOf', 'again', 'staleCode', 'retryAfter']) {
          if (name in newer.dataset) page.dataset[name] = newer.dataset[name]; else delete page.dataset[name];
        }
      }
      shown.querySelector('.above')?.remove();
      shown.prepend(...newer.querySelectorAll('.above'));
      // Scroll anchoring for browsers without it.
      if (scroller().scrollTop > 40 && !CSS.supports('overflow-anchor', 'auto')) scroller().scrollTop += (shown.querySelector('.above')?.offsetHeight || 0) - above;
      saveStateSoon();
    },
    // Keeps the elements of rows that are shown, with their loaded avatars.
    merge(response) {
      const partial = response.querySelector('[data-partial]');
      if (partial && added.length) { this.updateAge(response); return; }
      const had = new Map(rows(results).map((row) => [row.dataset.customerId, row]));
      for (const row of rows(response)) {
        const same = had.get(row.dataset.customerId);
        if (same) row.replaceWith(same);
      }
      setResults(response);
      watch();
      if (!partial) say(summary());
    },
    replace(response, onClick) {
      setResults(response);
      watch();
      if (onClick) {
        scroller().scrollTop = 0;
        results.focus({ preventScroll: true });
      }
      saveStateSoon();
    },
    insertButton: (button) => results.before(button),
  };

  // Clicks in the list: retry, clear, next page, and on wide screens details beside it.
  list.addEventListener('click', (e) => {
    const a = e.target.closest('a');
    if (!a || !isPlainClick(e)) return;
    if (a.matches('[data-clear]')) return search.clear(e);
    if (a.matches('[rel=next]')) { e.preventDefault(); loadNext(); return; }
    if (a.matches('[data-retry]')) {
      e.preventDefault();
      const last = results.querySelector('[data-customer-id]') && a.closest('.state');
      if (!last) { load(a.href); return; }
      const next = document.createElement('p'), link = document.createElement('a');
      next.className = 'next'; link.rel = 'next'; link.className = 'button'; link.textContent = a.textContent; link.setAttribute('href', a.getAttribute('href'));
      next.append(link);
      (last.closest('.next') || last).replaceWith(next);
      link.focus({ preventScroll: true });
      loadNext();
      return;
    }
    if (!a.matches('.row')) return;
    saveState();
    if (!wide.matches) { details.showPage(a); return; }
    e.preventDefault();
    if (a.href !== location.href) history.pushState(history.state, '', a.href);
    details.open(a.href);
  });

  addEventListener('popstate', () => {
    const u = new URL(location);
    if (u.pathname !== '/customers' || u.searchParams.has('id')) details.open(u.href);
    else if (details.close) details.close(); else location.reload();
    search.go(u.searchParams.get('q') || '');
  });

  // start loads a pending list. After Back to a page that was not stored, it loads the
  // same pages again and restores the scroll position.
  async function start(state) {
    // A hidden list beside details on a phone starts when the phone is rotated.
    if (!list.getClientRects().length) { wide.addEventListener('change', () => start(state), { once: true }); return; }
    const complete = (part) => { if (part.wait || part.querySelector('[data-error-code]')) throw new Error('a page is gone'); return part; };
    let request = latest;
    const from = state?.from, wait = +first()?.dataset.pending;
    try {
      if (wait) {
        request++;
        await load(from || first().dataset.self, wait);
        if (request !== latest) return;
      } else if (from && from !== first()?.dataset.self) {
        const part = complete(await fetchReady(from, 'list', (loading = new AbortController()).signal));
        if (request !== latest) return;
        loading = null;
        setResults(part);
      }
      // As many pages as the scroll position needs, six at a time.
      const enough = () => !nextLink() || scroller().scrollHeight > state.at + 2 * innerHeight;
      for (let i = 0; i < (state?.added?.length || 0) && !enough(); i += 6) {
        const urls = state.added.slice(i, i + 6), parts = await Promise.all(urls.map((url) => ask(url, 'list')));
        if (request !== latest) return;
        for (const [j, part] of parts.entries()) {
          complete(part);
          nextLink()?.closest('.next').remove();
          append(part);
          added.push(urls[j]);
        }
      }
      if (state?.at && (wide.matches || state.added?.length)) scroller().scrollTop = state.at;
    } catch { if (request === latest) loading = null; /* the other pages load on scroll */ }
    if (wide.matches && !state?.at) results.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    select(location.href);
    watch();
    startUpdates(view);
  }
  // A page stored for Back makes no requests, and continues when it is shown again.
  addEventListener('pagehide', () => { loading?.abort(); stopUpdates(view); });
  addEventListener('pageshow', (e) => {
    if (!e.persisted || !list.getClientRects().length) return;
    loading = null;
    if (loadingURL) load(loadingURL); else { watch(); startUpdates(view); }
  });
  start(history.state);
})();
