// Reloads an open page when the state that it was rendered in changes (numbers are
// hidden or shown again) or its session ends. It long-polls /pulse while the page is
// visible. When there are news for the person, it fires the event news, with the number of
// unread conversations as detail.
'use strict';
(() => {
  const root = document.documentElement, state = root.dataset.state;
  // Typed text that was not sent must not be lost.
  let typed = 'posted' in root.dataset;
  document.addEventListener('input', (e) => { if (e.target.form?.method === 'post') typed = true; });

  function reload() {
    if (!typed) { location.reload(); return; }
    const changed = document.getElementById('changed');
    if (!changed) return; // the notice is shown already
    document.body.prepend(changed.content.cloneNode(true));
    changed.remove();
  }

  let request, timer, failures = 0;
  const stop = () => { clearTimeout(timer); request?.abort(); request = null; };
  const start = (ms) => { stop(); if (!document.hidden) timer = setTimeout(poll, ms); };
  async function poll() {
    const { signal } = request = new AbortController(), began = Date.now();
    try {
      const shown = root.dataset.news || '';
      const response = await fetch('/pulse?was=' + encodeURIComponent(state) + '&news=' + encodeURIComponent(shown), { headers: { 'Clientele-Part': 'none' }, cache: 'no-store', signal });
      if (response.status === 401) { location.reload(); return; }
      const now = response.headers.get('Clientele-State');
      if (!now) throw new Error('no state');
      if (now !== state) { reload(); return; }
      failures = 0;
      const news = response.headers.get('Clientele-News') || shown;
      if (news !== shown) {
        root.dataset.news = news;
        document.dispatchEvent(new CustomEvent('news', { detail: +response.headers.get('Clientele-Unread') }));
        start(300);
        return;
      }
      start((+response.headers.get('Retry-After') || (Date.now() - began < 2000 ? 2 : 0)) * 1000);
    } catch (e) {
      // Exponential backoff with jitter.
      if (!signal.aborted) start(Math.min(2000 * 2 ** failures++, 60000) * (0.5 + Math.random() / 2));
    }
  }

  // A page restored by Back is not shown when its state is outdated. The state last
  // shown in this browser is stored for this, and nothing else.
  const last = () => { try { return localStorage.getItem('state'); } catch { return null; } };
  function reloadOutdated() {
    if (typed || !last() || last() === state) return false;
    root.hidden = true;
    location.reload();
    return true;
  }
  const [navigation] = performance.getEntriesByType('navigation');
  if (navigation?.type !== 'back_forward') try { localStorage.setItem('state', state); } catch { /* storage is blocked */ } else if (reloadOutdated()) return;

  document.addEventListener('visibilitychange', () => { if (document.hidden) stop(); else if (!reloadOutdated()) start(0); });
  addEventListener('pagehide', stop);
  addEventListener('pageshow', (e) => { if (e.persisted && !reloadOutdated()) start(0); });
  addEventListener('load', () => start(1000));
  // The response to a form replaces this page: signing out ends the session that poll
  // asks for, and a reload then would lose the response. After a download, polling goes on.
  addEventListener('submit', (e) => { if (!e.defaultPrevented) start(10000); });
})();
