// A test without leaving the page, so that a token that was typed stays in its
// field. Without this, the very form is sent, and the page comes back whole.
'use strict';
(() => {
  const form = $('callbacks'), place = $('result');
  let running = false, plain = false;
  // What was wrong with a field is not said of what is typed in its place.
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
    const waited = soon(() => {
      const line = document.createElement('p');
      line.className = 'card running';
      line.textContent = $('words').dataset.loading;
      place.replaceChildren(line);
    });
    try {
      const answer = await fetch(button.formAction.split('#')[0], { method: 'POST', body: data, headers: { 'Clientele-Part': 'result' }, cache: 'no-store' });
      if (answer.status === 401) { location.reload(); return; }
      const box = document.createElement('template');
      box.innerHTML = await answer.text(); // written by our server, which escapes
      const shown = box.content.querySelector('.result');
      if (!shown) throw new Error('no result');
      place.replaceChildren(shown);
      say($('result-title').textContent);
      place.scrollIntoView({ block: 'nearest' });
      const field = $(shown.querySelector('[data-field]')?.dataset.field);
      if (field) {
        const more = field.closest('details');
        if (more) more.open = true;
        field.focus();
      }
    } catch {
      plain = true; // the page itself tells what the matter is
      form.requestSubmit(button);
    } finally {
      waited();
      running = false;
      place.removeAttribute('aria-busy');
      button.removeAttribute('aria-disabled');
    }
  });
})();
