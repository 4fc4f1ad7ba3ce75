// Search as you type: form is the search form, top() what scrolls, and show(url) lists
// what a search finds.
'use strict';
function searchAsYouType(form, top, show) {
  const input = $('q'), clearLink = $('clear');
  let shown = input.value.trim(), wait;
  function search() {
    clearTimeout(wait);
    const q = input.value.trim();
    clearLink.hidden = input.value === '';
    if (q === shown) return;
    shown = q;
    const here = new URL(location), to = new URL('/customers', location);
    for (const u of [here, to]) {
      u.searchParams.delete('page');
      u.searchParams.delete('newer');
      if (q) u.searchParams.set('q', q); else u.searchParams.delete('q');
    }
    history.replaceState({ added: [], at: 0 }, '', here);
    top().scrollTop = Math.min(top().scrollTop, form.offsetTop);
    show(to);
  }
  const soon = () => { clearTimeout(wait); wait = setTimeout(search, 130); };
  input.addEventListener('input', (e) => {
    if (e.isComposing) return;
    clearLink.hidden = input.value === '';
    soon();
  });
  input.addEventListener('compositionend', soon);
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
    go(q) { if (q !== shown) { input.value = q; search(); } },
  };
}
