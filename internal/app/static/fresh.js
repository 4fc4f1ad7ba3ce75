// Updates in place, for the list and the details: fetches pending data until it is
// ready and replaces old data by new. There are no requests while the page is hidden.
'use strict';

// pause waits for a number of seconds, and then until the page is visible.
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const done = () => {
      if (document.hidden) document.addEventListener('visibilitychange', done, { once: true });
      else resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    if (signal.aborted) stop(); else signal.addEventListener('abort', stop, { once: true });
  });
}
// isPlainClick reports whether a click opens a link in this tab.
const isPlainClick = (e) => !(e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey);

// jitter spreads the requests of many phones.
const jitter = (seconds) => seconds * (1 + Math.random() / 3);

// fetchReady fetches a part of a page until it is ready, and passes each pending one to
// onPending. wait is the number of seconds to wait before the first request.
async function fetchReady(url, part, signal, onPending, wait) {
  if (wait) await pause(jitter(wait), signal);
  for (;;) {
    const response = await ask(url, part, signal);
    if (!response.wait) return response;
    onPending?.(response);
    await pause(jitter(response.wait), signal);
  }
}

// isIdle reports whether there was no touch, scroll or key just now: content must not
// move under a finger.
const isIdle = (() => {
  let down = false, last = -Infinity;
  const on = (types, f) => { for (const type of types) addEventListener(type, f, { passive: true, capture: true }); };
  on(['pointerdown'], () => { down = true; });
  on(['pointerup', 'pointercancel'], () => { down = false; last = performance.now(); });
  on(['wheel', 'touchmove', 'scroll', 'keydown'], () => { last = performance.now(); });
  return () => !down && performance.now() - last > 500;
})();

// keepFresh updates a view until its data is complete and current, with backoff after
// failures. A view has
//   part                  the name of its part of the page
//   element()             the element with the age of the data in its dataset
//   canReplace(partial)   whether replacing it (or adding to it) does not disturb the worker
//   isSame(response)      whether the response has the same content
//   updateAge(response)   updates the age only
//   merge(response)       adds new content and keeps what is shown
//   replace(response, onClick)  replaces the content
//   insertButton(button)  shows a button for an update
async function keepFresh(view, signal) {
  const state = (element) => element && { ...element.dataset, partial: !!element.querySelector('[data-partial]') };
  let now = state(view.element()), failed = false, delay = 0, requests = 0;
  while (now && (now.partial || now.again)) {
    const { partial } = now;
    if (failed || now.staleCode || (!partial && requests++)) {
      delay = Math.min(delay ? delay * 1.5 : +now.retryAfter || 30, 120);
      await pause(jitter(delay), signal);
    } else if (partial) await pause(2, signal);
    while (partial && !(isIdle() && view.canReplace(true))) await pause(0.5, signal);
    const response = await tryFetch(fetchReady(partial ? now.self : now.again, view.part, signal));
    const code = response?.querySelector('[data-error-code]')?.dataset.errorCode;
    // A customer who no longer exists is an update, not a failure.
    failed = !response || (code && code !== 'not-found');
    const same = !failed && !partial && !code && await tryFetch(view.isSame(response, signal));
    failed ||= same === undefined;
    while (!isIdle()) await pause(0.2, signal);
    if (failed || (partial && !view.canReplace())) continue;
    const next = state(response.querySelector('.page, .person'));
    if (partial) view.merge(response);
    else if (same) {
      withdrawUpdate(view);
      view.updateAge(response);
    } else if (view.canReplace()) {
      withdrawUpdate(view);
      view.replace(response);
      say($('words').dataset.updated);
    } else offerUpdate(view, response);
    now = next;
    if (!now.staleCode) delay = 0;
  }
}
// tryFetch resolves to undefined when there is no connection.
async function tryFetch(promise) {
  try { return await promise; } catch (e) { if (e.name === 'AbortError') throw e; }
}

// offerUpdate shows a button for an update that would disturb the worker;
// withdrawUpdate removes it.
function offerUpdate(view, response) {
  view.update = response;
  if (view.button) return;
  view.button = copyOf('updated').firstElementChild;
  view.button.firstElementChild.addEventListener('click', () => {
    const { update } = view;
    withdrawUpdate(view);
    view.replace(update, true);
  });
  view.insertButton(view.button);
  say(view.button.textContent);
}
function withdrawUpdate(view) {
  view.button?.remove();
  view.button = view.update = null;
}
// copyData gives element the dataset of newer.
function copyData(element, newer) {
  for (const name of Object.keys(element.dataset)) delete element.dataset[name];
  Object.assign(element.dataset, newer.dataset);
}
// startUpdates starts or restarts the updates of a view.
function startUpdates(view) {
  view.controller?.abort();
  view.controller = new AbortController();
  keepFresh(view, view.controller.signal).catch((e) => { if (e.name !== 'AbortError') throw e; });
}
function stopUpdates(view) {
  view.controller?.abort();
  withdrawUpdate(view);
}
