// Search as you type: form is the search form, scroller() returns the scrolling element,
// and load(url) loads the results.
'use strict';
function searchAsYouType(form, scroller, load) {
  const input = $('q'), clearLink = $('clear');
  let last = input.value.trim(), timer;
  function search() {
    clearTimeout(timer);
    const q = input.value.trim();
    clearLink.hidden = input.value === '';
    if (q === last) return;
    last = q;
    const here = new URL(location), to = new URL('/customers', location);
    for (const u of [here, to]) {
      u.searchParams.delete('page');
      u.searchParams.delete('newer');
      if (q) u.searchParams.set('q', q); else u.searchParams.delete('q');
    }
    history.replaceState({ added: [], at: 0 }, '', here);
    scroller().scrollTop = Math.min(scroller().scrollTop, form.offsetTop);
    load(to);
  }
  const searchSoon = () => { clearTimeout(timer); timer = setTimeout(search, 130); };
  input.addEventListener('input', (e) => {
    if (e.isComposing) return;
    clearLink.hidden = input.value === '';
    searchSoon();
  });
  input.addEventListener('compositionend', searchSoon);
  form.addEventListener('submit', (e) => { e.preventDefault(); search(); if (!details.wide.matches) input.blur(); });
  function clear(e) {
    e.preventDefault();
    input.value = '';
    input.focus();
    search();
  }
  clearLink.addEventListener('click', clear);
  return {
    clear,
    go(q) { if (q !== last) { input.value = q; search(); } },
  };
}
