// Makes a test without leaving the page, so that a typed token stays in its field.
// Without scripts the form is sent, and the whole page is loaded again.
'use strict';
(() => {
  const form = $('callbacks'), place = $('result');
  let running = false, plain = false;
  // An edited field loses its error.
  document.addEventListener('input', ({ target: field }) => {
    if (!field.hasAttribute('aria-invalid')) return;
    field.removeAttribute('aria-invalid');
    for (const id of (field.getAttribute('aria-describedby') || '').split(' ')) if (id.endsWith('-error')) $(id)?.remove();
  });
  form.addEventListener('submit', async (e) => {
    const button = e.submitter;
    if (plain || !button || button.name !== 'which') return;
    e.preventDefault();
    if (running) return;
    running = true;
    const data = new URLSearchParams(new FormData(form));
    data.set('which', button.value);
    place.setAttribute('aria-busy', 'true');
    button.setAttribute('aria-disabled', 'true');
    const done = soon(() => {
      const line = document.createElement('p');
      line.className = 'card running';
      line.textContent = $('words').dataset.loading;
      place.replaceChildren(line);
    });
    try {
      const response = await fetch(button.formAction.split('#')[0], { method: 'POST', body: data, headers: { 'Clientele-Part': 'result' }, cache: 'no-store' });
      if (response.status === 401) { location.reload(); return; }
      const box = document.createElement('template');
      box.innerHTML = await response.text(); // the server has escaped it
      const result = box.content.querySelector('.result');
      if (!result) throw new Error('no result');
      place.replaceChildren(result);
      say($('result-title').textContent);
      place.scrollIntoView({ block: 'nearest' });
      const field = $(result.querySelector('[data-field]')?.dataset.field);
      if (field) {
        const more = field.closest('details');
        if (more) more.open = true;
        field.focus();
      }
    } catch {
      plain = true; // the page shows the error
      form.requestSubmit(button);
    } finally {
      done();
      running = false;
      place.removeAttribute('aria-busy');
      button.removeAttribute('aria-disabled');
    }
  });
})();
