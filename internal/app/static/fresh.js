// What is not there yet fills itself in, and what is old is replaced by what is new:
// for the list and for the details alike. Nothing is asked while nobody looks.
'use strict';

// pause waits so many seconds, and then until the tab can be seen.
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const over = () => {
      if (document.hidden) document.addEventListener('visibilitychange', over, { once: true });
      else resolve();
    };
    const timer = setTimeout(over, seconds * 1000);
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    if (signal.aborted) stop(); else signal.addEventListener('abort', stop, { once: true });
  });
}
// plain tells a click that is for this page from one for a new tab.
const plain = (e) => !(e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey);

// A little more than asked for: not all phones at the same moment.
const jitter = (seconds) => seconds * (1 + Math.random() / 3);

// settled asks until the answer is there. Each that says "not yet" goes to bones; wait
// tells that the page itself was one, and for how many seconds.
async function settled(url, part, signal, bones, wait) {
  if (wait) await pause(jitter(wait), signal);
  for (;;) {
    const answer = await ask(url, part, signal);
    if (!answer.wait) return answer;
    bones?.(answer);
    await pause(jitter(answer.wait), signal);
  }
}

// still tells that nobody touches or scrolls: what is under a finger must stay there.
const still = (() => {
  let down = false, last = -Infinity;
  const on = (types, f) => { for (const type of types) addEventListener(type, f, { passive: true, capture: true }); };
  on(['pointerdown'], () => { down = true; });
  on(['pointerup', 'pointercancel'], () => { down = false; last = performance.now(); });
  on(['wheel', 'touchmove', 'scroll', 'keydown'], () => { last = performance.now(); });
  return () => !down && performance.now() - last > 500;
})();

// keepFresh follows what a view shows until it is all of it and of now. A view has
//   part         the name of its part of the page
//   shown()      the element that says how old it is
//   free(partly) whether it may be replaced without taking anything from the worker,
//                or grow
//   same(answer) whether the answer has what is shown already
//   age(answer)  takes over how old it is, and nothing else
//   grow(answer) puts in what has come on, and leaves what is there
//   put(answer)  replaces it
//   offer(pill)  puts a button in its place
// What cannot be had is asked for again, more and more seldom.
async function keepFresh(view, signal) {
  const state = (shown) => shown && { ...shown.dataset, partial: !!shown.querySelector('[data-partial]') };
  let now = state(view.shown()), failed = false, delay = 0, asked = 0;
  while (now && (now.partial || now.again)) {
    const { partial } = now;
    if (failed || now.staleCode || (!partial && asked++)) {
      delay = Math.min(delay ? delay * 1.5 : +now.retryAfter || 30, 120);
      await pause(jitter(delay), signal);
    } else if (partial) await pause(2, signal);
    while (partial && !(still() && view.free(true))) await pause(0.5, signal);
    const answer = await tried(settled(partial ? now.self : now.again, view.part, signal));
    const code = answer?.querySelector('[data-error-code]')?.dataset.errorCode;
    // That somebody is gone is news; any other failure is none.
    failed = !answer || (code && code !== 'not-found');
    const same = !failed && !partial && !code && await tried(view.same(answer, signal));
    failed ||= same === undefined;
    while (!still()) await pause(0.2, signal);
    if (failed || (partial && !view.free())) continue;
    const next = state(answer.querySelector('.page, .person'));
    if (partial) view.grow(answer);
    else if (same) {
      withdraw(view);
      view.age(answer);
    } else if (view.free()) {
      withdraw(view);
      view.put(answer);
      say($('words').dataset.updated);
    } else offer(view, answer);
    now = next;
    if (!now.staleCode) delay = 0;
  }
}
// tried answers undefined when there is no connection.
async function tried(promise) {
  try { return await promise; } catch (e) { if (e.name === 'AbortError') throw e; }
}

// offer shows a button for what is new, where replacing would take something from
// under a finger; withdraw takes it away.
function offer(view, answer) {
  view.news = answer;
  if (view.pill) return;
  view.pill = copyOf('updated').firstElementChild;
  view.pill.firstElementChild.addEventListener('click', () => {
    const news = view.news;
    withdraw(view);
    view.put(news, true);
  });
  view.offer(view.pill);
  say(view.pill.textContent);
}
function withdraw(view) {
  view.pill?.remove();
  view.pill = view.news = null;
}
// takeOver gives what is shown the data of what came.
function takeOver(shown, fresh) {
  for (const name of Object.keys(shown.dataset)) delete shown.dataset[name];
  Object.assign(shown.dataset, fresh.dataset);
}
// follow keeps a view fresh from now on, instead of what it followed before.
function follow(view) {
  view.following?.abort();
  view.following = new AbortController();
  keepFresh(view, view.following.signal).catch((e) => { if (e.name !== 'AbortError') throw e; });
}
function unfollow(view) {
  view.following?.abort();
  withdraw(view);
}
