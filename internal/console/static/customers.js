// The customers' pages: search while typing, a count of selected customers, lines that
// are added, upload progress, and pages that follow a running job. Every form works
// without scripts.
'use strict';
(() => {
  // Search while typing: replace the list and the address.
  const find = document.querySelector('[data-find]');
  if (find) {
    let timer, running;
    const search = () => {
      const query = new URLSearchParams(new FormData(find));
      for (const [name, value] of [...query]) if (!value) query.delete(name);
      const url = find.action + (query.size ? '?' + query : '');
      running?.abort();
      running = new AbortController();
      const { signal } = running;
      $('found').setAttribute('aria-busy', 'true');
      ask(url, 'list', signal).then((part) => {
        const list = part.getElementById('found');
        if (!list) throw new Error('no list');
        $('found').replaceWith(list);
        history.replaceState(null, '', url);
        arm(list);
        say(list.dataset.shown || list.querySelector('h2')?.textContent);
      }).catch(() => { if (!signal.aborted) $('found').removeAttribute('aria-busy'); });
    };
    find.addEventListener('input', (e) => {
      clearTimeout(timer);
      if (e.target.type === 'search') timer = setTimeout(search, 180);
    });
    find.addEventListener('submit', () => { clearTimeout(timer); running?.abort(); });
  }

  // Checkboxes: one selects the whole page, and the selected ones are counted.
  const arm = (root) => {
    const form = root.querySelector('.ticks');
    if (!form) return;
    const all = form.querySelector('[data-all]'), counter = form.querySelector('[data-ticked]');
    all.hidden = false;
    const boxes = [...form.querySelectorAll('[name="id"]')];
    const count = () => {
      const n = boxes.filter((b) => b.checked).length;
      all.firstElementChild.checked = n > 0 && n === boxes.length;
      all.firstElementChild.indeterminate = n > 0 && n < boxes.length;
      counter.textContent = n ? counter.dataset.ticked.replace('#', n) : '';
    };
    form.addEventListener('change', (e) => {
      if (e.target === all.firstElementChild) for (const b of boxes) b.checked = e.target.checked;
      count();
    });
    count();
  };
  arm(document);
  // The Back button restores checkboxes.
  addEventListener('pageshow', () => document.querySelector('.ticks')?.dispatchEvent(new Event('change')));

  // A list of lines keeps an empty one at its end.
  for (const lines of document.querySelectorAll('[data-grow]')) {
    lines.addEventListener('input', () => {
      const last = lines.lastElementChild;
      if (![...last.querySelectorAll('input')].some((i) => i.value)) return;
      const next = last.cloneNode(true);
      for (const e of next.querySelectorAll('.error')) e.remove();
      for (const i of next.querySelectorAll('input')) { i.value = ''; i.removeAttribute('aria-invalid'); i.removeAttribute('aria-describedby'); }
      lines.append(next);
    });
  }

  // Leaving with unsaved changes needs confirmation.
  const edit = document.querySelector('[data-edit]');
  if (edit) {
    let changed = false;
    edit.addEventListener('input', () => { changed = true; });
    edit.addEventListener('submit', () => { changed = false; });
    addEventListener('beforeunload', (e) => { if (changed) e.preventDefault(); });
  }

  // A running job is polled; when it ends, the page is reloaded.
  const follow = () => {
    const live = $('live');
    if (!live?.hasAttribute('data-live')) return;
    setTimeout(async () => {
      try {
        const next = (await ask(location.href, 'live')).getElementById('live');
        if (!next) throw new Error('no job');
        if (!next.hasAttribute('data-live')) { say(next.dataset.said); location.replace(location.href); return; }
        live.querySelector('progress').value = next.querySelector('progress').value;
        live.querySelector('progress + .quiet').textContent = next.querySelector('progress + .quiet').textContent;
      } catch { /* retried */ }
      follow();
    }, 700);
  };
  follow();

  // An upload shows its progress. A file that is too large is not sent.
  const upload = document.querySelector('[data-upload]');
  upload?.addEventListener('submit', (e) => {
    const file = upload.file.files[0], place = $('file-problem'), bar = upload.querySelector('progress');
    if (!file) return;
    e.preventDefault();
    const refuse = (text) => {
      const p = document.createElement('p');
      p.className = 'error'; p.id = 'file-error'; p.setAttribute('role', 'alert'); p.textContent = text;
      place.replaceChildren(p);
    };
    if (file.size > +upload.dataset.upload) return refuse(upload.dataset.toobig);
    const button = upload.querySelector('button');
    if (button.getAttribute('aria-disabled')) return;
    button.setAttribute('aria-disabled', 'true');
    place.replaceChildren();
    bar.hidden = false;
    const request = new XMLHttpRequest();
    request.open('POST', upload.action);
    request.setRequestHeader('Clientele-Part', 'upload');
    request.upload.addEventListener('progress', (p) => { if (p.lengthComputable) bar.value = 100 * p.loaded / p.total; });
    const reset = () => { bar.hidden = true; bar.value = 0; button.removeAttribute('aria-disabled'); };
    request.addEventListener('load', () => {
      if (request.status < 300) { location.assign(request.responseURL); return; }
      reset();
      if (request.status === 401) { location.reload(); return; }
      const box = document.createElement('template');
      box.innerHTML = request.responseText; // the server has escaped it
      const error = box.content.querySelector('#file-error');
      if (error) place.replaceChildren(error); else upload.submit();
    });
    request.addEventListener('error', () => { reset(); upload.submit(); }); // the browser shows the error
    request.send(new FormData(upload));
  });
})();
