// An open page follows what it shows: when the company hides numbers or shows them
// again, and when the session has ended, it is loaded anew. It asks one question that
// the server answers late, and only while somebody can see the page.
'use strict';
(() => {
  const root = document.documentElement, state = root.dataset.state;
  // What was typed and not sent is not thrown away.
  let typed = 'posted' in root.dataset;
  document.addEventListener('input', (e) => { if (e.target.form?.method === 'post') typed = true; });

  function renew() {
    if (!typed) { location.reload(); return; }
    const changed = document.getElementById('changed');
    if (!changed) return; // told already
    document.body.prepend(changed.content.cloneNode(true));
    changed.remove();
  }

  let asking, timer, failures = 0;
  const stop = () => { clearTimeout(timer); asking?.abort(); asking = null; };
  const start = (ms) => { stop(); if (!document.hidden) timer = setTimeout(ask, ms); };
  async function ask() {
    const { signal } = asking = new AbortController(), began = Date.now();
    try {
      const answer = await fetch('/pulse?was=' + encodeURIComponent(state), { headers: { 'Clientele-Part': 'none' }, cache: 'no-store', signal });
      if (answer.status === 401) { location.reload(); return; }
      const now = answer.headers.get('Clientele-State');
      if (!now) throw new Error('no state');
      if (now !== state) { renew(); return; }
      failures = 0;
      start((+answer.headers.get('Retry-After') || (Date.now() - began < 2000 ? 2 : 0)) * 1000);
    } catch (e) {
      // Not all pages at the same moment, and more and more seldom.
      if (!signal.aborted) start(Math.min(2000 * 2 ** failures++, 60000) * (0.5 + Math.random() / 2));
    }
  }

  // A page that was kept for Back is not shown in a state that is known to be over:
  // which one was last shown in this browser is stored, and nothing else.
  const last = () => { try { return localStorage.getItem('state'); } catch { return null; } };
  function over() {
    if (typed || !last() || last() === state) return false;
    root.hidden = true;
    location.reload();
    return true;
  }
  const [navigation] = performance.getEntriesByType('navigation');
  if (navigation?.type !== 'back_forward') try { localStorage.setItem('state', state); } catch { /* not allowed to */ } else if (over()) return;

  document.addEventListener('visibilitychange', () => { if (document.hidden) stop(); else if (!over()) start(0); });
  addEventListener('pagehide', stop);
  addEventListener('pageshow', (e) => { if (e.persisted && !over()) start(0); });
  addEventListener('load', () => start(1000));
})();
