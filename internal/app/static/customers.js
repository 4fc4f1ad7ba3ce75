// What HTML cannot do for the list: the next page on scroll, a newer list in place of
// an old one, details beside it without losing its place. Every link and form works without.
// No customer's data is stored: what is remembered for Back is where the list was,
// as addresses, in the history entry itself.
'use strict';
(() => {
  const list = $('list'), results = $('results'), input = $('q');
  const { wide, scroller, select } = details;
  const search = searchAsYouType(list.querySelector('.search'), scroller, (url) => show(url));

  // The list: from which page on it shows, which were added, where it stands.
  let added = [], loading = null, asked = 0, showing = '';
  const first = () => results.querySelector('.page');
  const remember = () => { if (!details.leaving()) history.replaceState({ from: first()?.dataset.self, added, at: scroller().scrollTop }, ''); };
  let later;
  const rememberSoon = () => { clearTimeout(later); later = setTimeout(remember, 250); };
  document.addEventListener('scroll', rememberSoon, { passive: true });
  list.addEventListener('scroll', rememberSoon, { passive: true });
  addEventListener('pagehide', remember);

  function about(part) {
    const from = part.querySelector('.about');
    if (from) { $('about').replaceChildren(...from.childNodes); from.remove(); localise($('about')); }
    // The search box says what it searches, as soon as the service has told.
    const { searches } = part.querySelector('.page')?.dataset || {};
    if (!searches) return;
    input.placeholder = $('words').dataset[searches === 'names' ? 'searchNames' : 'searchAll'];
    input.setAttribute('aria-label', input.placeholder);
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
    const url = link.getAttribute('href'), turn = asked, place = link.closest('.next'), kept = [...place.childNodes];
    loading = new AbortController();
    const refocus = holder(place), there = soon(() => place.replaceChildren(copyOf('skeleton-list')));
    try {
      const part = await settled(url, 'list', loading.signal, (bones) => {
        there();
        if (place.querySelector('.waiting')) return;
        place.replaceChildren(bones.querySelector('.rows'), bones.querySelector('.waiting'));
        say(place.querySelector('strong').textContent);
      });
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
      if (e.name === 'AbortError') { place.replaceChildren(...kept); return; }
      if (turn !== asked) return;
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
  // way only the newest counts. wait tells that the page itself was not there yet.
  async function show(url, wait) {
    const turn = ++asked;
    loading?.abort();
    unfollow(old);
    const { signal } = loading = new AbortController();
    const bones = () => first()?.matches('[data-pending]');
    const refocus = holder(results), there = bones() ? () => {} : soon(() => results.replaceChildren(copyOf('skeleton-list')));
    results.setAttribute('aria-busy', 'true');
    showing = url;
    let part;
    try {
      part = await settled(url, 'list', signal, (part) => {
        there();
        if (bones()) return;
        put(part);
        say(results.querySelector('.waiting strong').textContent);
      }, wait);
    } catch (e) {
      if (e.name === 'AbortError') { there(); return; }
      part = offline(url);
    }
    there();
    if (turn !== asked) return;
    loading = null;
    showing = '';
    results.removeAttribute('aria-busy');
    put(part);
    refocus(results);
    say(outcome());
    watch();
    follow(old);
  }
  const outcome = () => results.querySelector('.state h2')?.textContent || first()?.dataset.say || '';
  function put(part) {
    added = [];
    if (!part.querySelector('.about')) $('about').replaceChildren();
    about(part);
    reveal(part);
    results.replaceChildren(part);
    select(location.href);
  }

  // What makes a list old, and how a newer one takes its place.
  const rows = (root) => [...root.querySelectorAll('[data-customer-id]')];
  const content = (row) => JSON.stringify([row.dataset.customerId, row.textContent, row.querySelector('img')?.getAttribute('src')]);
  const old = {
    part: 'list',
    shown: first,
    free: (partial) => !loading && (partial || added.length < 2) && scroller().scrollTop < 40 && (!results.contains(document.activeElement) || document.activeElement === results),
    // All pages that are shown are compared: the first alone says nothing of the rest.
    async same(answer, signal) {
      while (loading) await pause(0.2, signal);
      const parts = [answer], urls = [];
      const next = () => parts.at(-1).querySelector('a[rel=next]'), fresh = () => parts.flatMap(rows);
      while (next() && fresh().length < rows(results).length && urls.length < 10) {
        urls.push(next().getAttribute('href'));
        const part = await settled(urls.at(-1), 'list', signal);
        if (part.querySelector('[data-error-code]')) throw new Error('a page is not to be had');
        parts.push(part);
      }
      const here = rows(results).map(content), there = fresh().map(content);
      if (loading || here.length !== there.length || here.some((row, i) => row !== there[i]) || !next() !== !nextLink()) return false;
      if (next()) nextLink().href = next().getAttribute('href');
      added = urls;
      return true;
    },
    age(answer) {
      const shown = first(), fresh = answer.querySelector('.page'), above = shown.querySelector('.above')?.offsetHeight || 0;
      about(answer);
      reveal(answer);
      if (fresh.dataset.staleCode && !shown.dataset.staleCode) say(fresh.querySelector('.notice.old').textContent);
      takeOver(shown, fresh);
      // The pages after it are as old.
      for (const page of results.querySelectorAll('.page ~ .page')) {
        for (const name of ['asOf', 'again', 'staleCode', 'retryAfter']) {
          if (name in fresh.dataset) page.dataset[name] = fresh.dataset[name]; else delete page.dataset[name];
        }
      }
      shown.querySelector('.above')?.remove();
      shown.prepend(...fresh.querySelectorAll('.above'));
      // What is read stays where it is, also in browsers that do not see to it.
      if (scroller().scrollTop > 40 && !CSS.supports('overflow-anchor', 'auto')) scroller().scrollTop += (shown.querySelector('.above')?.offsetHeight || 0) - above;
      rememberSoon();
    },
    // Rows that are there stay the very same, with the picture they have.
    grow(answer) {
      const partial = answer.querySelector('[data-partial]');
      if (partial && added.length) { this.age(answer); return; }
      const had = new Map(rows(results).map((row) => [row.dataset.customerId, row]));
      for (const row of rows(answer)) {
        const same = had.get(row.dataset.customerId);
        if (same) row.replaceWith(same);
      }
      put(answer);
      watch();
      if (!partial) say(outcome());
    },
    put(answer, pressed) {
      put(answer);
      watch();
      if (pressed) {
        scroller().scrollTop = 0;
        results.focus({ preventScroll: true });
      }
      rememberSoon();
    },
    offer: (pill) => results.before(pill),
  };

  // Clicks in the list: try again, clear, next page, and on wide screens a
  // customer beside the list.
  list.addEventListener('click', (e) => {
    const a = e.target.closest('a');
    if (!a || !plain(e)) return;
    if (a.matches('[data-clear]')) return search.clear(e);
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
    if (!wide.matches) { details.leave(a); return; }
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

  // A list that waits fills itself in. Coming back without the page having been kept:
  // it begins where it began, the pages that were added are added again, and it
  // stands where it stood.
  async function begin(state) {
    // Beside details on a phone nobody sees it, until the phone is turned.
    if (!list.getClientRects().length) { wide.addEventListener('change', () => begin(state), { once: true }); return; }
    const whole = (part) => { if (part.wait || part.querySelector('[data-error-code]')) throw new Error('a page is gone'); return part; };
    let turn = asked;
    const from = state?.from, wait = +first()?.dataset.pending;
    try {
      if (wait) {
        turn++;
        await show(from || first().dataset.self, wait);
        if (turn !== asked) return;
      } else if (from && from !== first()?.dataset.self) {
        const part = whole(await settled(from, 'list', (loading = new AbortController()).signal));
        if (turn !== asked) return;
        loading = null;
        put(part);
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
    } catch { if (turn === asked) loading = null; /* what was added stands, and the rest comes on scroll */ }
    if (wide.matches && !state?.at) results.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    select(location.href);
    watch();
    follow(old);
  }
  // A page that is kept for Back asks nothing meanwhile, and goes on afterwards.
  addEventListener('pagehide', () => { loading?.abort(); unfollow(old); });
  addEventListener('pageshow', (e) => {
    if (!e.persisted || !list.getClientRects().length) return;
    loading = null;
    if (showing) show(showing); else { watch(); follow(old); }
  });
  begin(history.state);
})();
