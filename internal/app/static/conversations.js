// Conversations: the number of unread ones on every page, and on their own pages new
// messages in place, sending without a page load, and drafts. Everything works without
// scripts, by loading pages.
'use strict';
(() => {
  const ours = document.body.matches('.talks');
  document.addEventListener('news', ({ detail: n }) => {
    const count = $('unread');
    if (!count) return;
    count.hidden = !n;
    count.firstElementChild.textContent = n;
    if (!ours) return;
    document.title = (n ? `(${n}) ` : '') + document.title.replace(/^\(\d+\) /, '');
    refresh();
  });
  if (!ours) return;

  const pane = $('detail'), results = $('results');
  const thread = () => pane.querySelector('.thread');
  const field = (root) => root?.querySelector('.composer textarea');
  const isLatest = () => !new URL(location).searchParams.has('earlier');

  // refresh loads the list and the conversation again, where they are shown.
  let loading;
  async function refresh() {
    loading?.abort();
    const { signal } = loading = new AbortController();
    try {
      if (results.getClientRects().length) setList(await load(results.querySelector('.page').dataset.self, 'list', signal));
      if (thread() && isLatest()) setThread(await load('/conversations/' + thread().dataset.thread, 'thread', signal));
    } catch { /* the next news, or a page load, will show it */ }
  }

  // load fetches a part of the page, and waits while a finger or button is down: a click is
  // lost when its element is replaced.
  let heldUntil = 0;
  for (const type of ['pointerdown', 'pointerup', 'pointercancel']) {
    addEventListener(type, () => { heldUntil = type === 'pointerdown' ? Infinity : performance.now() + 100; }, { capture: true, passive: true });
  }
  async function load(url, part, signal) {
    const loaded = await ask(url, part, signal);
    while (performance.now() < heldUntil) await new Promise((done) => { setTimeout(done, 50); });
    signal.throwIfAborted();
    return loaded;
  }

  function setList(part) {
    if (!part.querySelector('.page')) return;
    reveal(part);
    const focused = results.contains(document.activeElement) && document.activeElement.getAttribute('href');
    const current = results.querySelector('[aria-current].row')?.getAttribute('href');
    for (const row of part.querySelectorAll('.row')) if (row.getAttribute('href') === current) row.setAttribute('aria-current', 'true');
    results.replaceChildren(part);
    if (focused) results.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  // setThread shows a newer state of the conversation and keeps what the worker has: the
  // place in it, earlier messages, an open menu, and the text being written. sent is set for
  // the response to a form, which ends an earlier problem.
  function setThread(part, sent) {
    const shown = thread(), next = part.querySelector('.thread');
    if (!next) { location.reload(); return; } // another worker's now, or gone
    reveal(next);
    const problem = next.querySelector('.write .notice.bad');
    if (!problem) setMessages(shown, next);
    const old = field(shown), form = field(next);
    if (old && form && !problem && old.disabled === form.disabled) {
      if (sent) shown.querySelector('.write .notice.bad')?.remove();
      return;
    }
    const typed = old?.value, focused = old === document.activeElement;
    shown.querySelector('.write').replaceWith(next.querySelector('.write'));
    if (typed && form && typed !== form.value) form.value += (form.value && '\n') + typed;
    if (focused) form?.focus();
    measure();
  }
  function setMessages(shown, next) {
    if (!shown.querySelector('.menu[open]')) shown.querySelector('.head').replaceWith(next.querySelector('.head'));

    const scroll = shown.querySelector('.scroll'), list = shown.querySelector('.messages'), newer = next.querySelector('.messages');
    const fromTop = scroll.scrollTop < -40 && scroll.scrollHeight + scroll.scrollTop; // negative: from the end
    const find = (li) => li && list.querySelector(`[data-message="${li.dataset.message}"]`);
    const from = find(newer.querySelector('[data-message]'));
    const earlier = from ? [...list.children].slice(0, [...list.children].indexOf(from)) : [];
    const unknown = [...list.querySelectorAll('[data-client].failed')].filter((li) => !newer.querySelector(`[data-client="${li.dataset.client}"]`));
    for (const li of newer.querySelectorAll('[data-message]')) {
      const same = find(li);
      if (same?.outerHTML === li.outerHTML) li.replaceWith(same); // keeps loaded pictures
    }
    list.replaceChildren(...earlier, ...newer.children, ...unknown);
    days(list);
    scroll.scrollTop = fromTop ? fromTop - scroll.scrollHeight : 0;
  }

  // days adds the headings of days in the device's zone, unless the person chose a zone.
  function days(list) {
    const local = list.querySelector('time[data-local]'), relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' });
    const midnight = (t) => new Date(t.getFullYear(), t.getMonth(), t.getDate());
    function textOf(t) {
      const ago = Math.round((midnight(t) - midnight(new Date())) / 864e5);
      const text = ago > -2 && ago < 1 ? relative.format(ago, 'day')
        : new Intl.DateTimeFormat(dateLanguage(), { day: 'numeric', month: 'long', year: t.getFullYear() === new Date().getFullYear() ? undefined : 'numeric', numberingSystem: 'latn' }).format(t);
      return text[0].toUpperCase() + text.slice(1);
    }
    let last = '';
    for (const li of [...list.children]) {
      if (li.matches('.day')) {
        if (local || li.textContent === last) li.remove(); else last = li.textContent;
        continue;
      }
      const time = local && li.querySelector('time'), text = time && textOf(new Date(time.dateTime));
      if (!text || text === last) continue;
      const heading = document.createElement('li'), span = document.createElement('span');
      heading.className = 'day';
      span.textContent = last = text;
      heading.append(span);
      li.before(heading);
    }
  }

  // The draft is kept in the tab until it is sent.
  const draftKey = () => 'draft ' + thread().dataset.thread;
  function measure() {
    const text = field(pane);
    if (!text) return;
    try { if (text.value) sessionStorage.setItem(draftKey(), text.value); else sessionStorage.removeItem(draftKey()); } catch { /* storage is blocked */ }
    const n = text.value.trim().length, limit = +text.dataset.limit, length = $('length');
    length.hidden = n < limit - 200;
    length.value = `${n} / ${limit}`;
    length.classList.toggle('error', n > limit);
    const tooLong = n <= limit && pane.querySelector('.write [data-error-code=message-long]');
    if (tooLong) {
      tooLong.remove();
      text.removeAttribute('aria-invalid');
    }
  }
  pane.addEventListener('input', (e) => { if (e.target === field(pane)) measure(); });
  pane.addEventListener('keydown', (e) => {
    if (e.target !== field(pane) || e.key !== 'Enter' || e.isComposing || e.shiftKey) return;
    if (!matchMedia('(hover: hover)').matches && !e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    e.target.form.requestSubmit();
  });

  // A message shows at once. When the connection fails, it is not known whether it was
  // sent: it can be checked with the same client id, and the next one gets another.
  let sending = false;
  pane.addEventListener('submit', async (e) => {
    if (!e.target.matches('.composer')) return;
    e.preventDefault();
    const form = e.target, text = field(pane), body = text.value, id = form.elements.client_id.value;
    if (sending || !body.trim()) return;
    sending = true;
    const button = form.querySelector('.send');
    button.setAttribute('aria-disabled', 'true');
    const li = copyOf('sending').firstElementChild;
    li.querySelector('.body').textContent = body.trim();
    li.dataset.client = id;
    pane.querySelector('.messages').append(li);
    pane.querySelector('.scroll').scrollTop = 0;
    text.value = '';
    measure();
    form.elements.client_id.value = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
    loading?.abort();
    try {
      const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams({ client_id: id, body }), headers: { 'Clientele-Part': 'thread' } });
      if (response.status === 401) { location.reload(); return; }
      const part = document.createElement('template');
      part.innerHTML = await response.text(); // escaped by our server
      if (!part.content.querySelector('.thread')) throw new Error('no conversation'); // of a proxy, or a limit
      li.remove();
      setThread(part.content, true);
    } catch {
      li.classList.add('failed');
      li.querySelector('.meta').textContent = li.querySelector('.meta').dataset.unknown;
      const again = li.querySelector('form');
      again.action = form.action;
      again.elements.client_id.value = id;
      again.elements.body.value = body;
      again.hidden = false;
    } finally {
      sending = false;
      button.removeAttribute('aria-disabled');
    }
  });

  // Earlier messages are added above.
  pane.addEventListener('click', async (e) => {
    const a = e.target.closest('a[rel=prev]');
    if (!a || e.button || e.metaKey || e.ctrlKey || e.shiftKey) return;
    e.preventDefault();
    const earlier = await ask(a.href, 'thread').catch(() => null), list = pane.querySelector('.messages');
    if (!earlier?.querySelector('.messages')) { location.assign(a.href); return; }
    reveal(earlier);
    list.prepend(...earlier.querySelector('.messages').children);
    days(list);
    const link = earlier.querySelector('a[rel=prev]');
    if (link) a.href = link.href; else a.parentElement.remove();
  });

  if (thread()) {
    days(pane.querySelector('.messages'));
    try { if (field(pane) && !field(pane).value) field(pane).value = sessionStorage.getItem(draftKey()) || ''; } catch { /* storage is blocked */ }
    measure();
  }
  results.querySelector('.row[aria-current]')?.scrollIntoView({ block: 'nearest' });
})();
