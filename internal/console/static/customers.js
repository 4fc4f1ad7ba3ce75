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

  // A running job is polled. When it ends, the page is reloaded; while the settings of an
  // import are shown, only its result is.
  const options = $('options');
  const follow = () => {
    const live = $('live');
    if (!live?.hasAttribute('data-live')) return;
    setTimeout(async () => {
      if ($('live') !== live) return; // replaced, and followed again
      try {
        const part = await ask(location.href, 'live'), next = part.getElementById('live');
        if (part.querySelector('[data-error-code="forgotten"]')) { location.reload(); return; } // the server has restarted
        if (!next) throw new Error('no job');
        if ($('live') !== live) return;
        if (!next.hasAttribute('data-live')) {
          say(next.dataset.said);
          if (!options) { location.replace(location.href); return; }
          const page = await ask(location.href, 'import');
          if (page.getElementById('work')) replace(page, ['live', 'rows']); else location.replace(location.href);
          return;
        }
        live.querySelector('progress').replaceWith(next.querySelector('progress'));
        live.querySelector('progress + .quiet').textContent = next.querySelector('progress + .quiet').textContent;
      } catch { /* retried */ }
      follow();
    }, 700);
  };

  // replace replaces parts of an import's page. It keeps the focus, the caret, and what
  // was typed into some fields.
  const replace = (part, ids, typed = []) => {
    const { id, selectionStart, selectionEnd } = document.activeElement;
    for (const name of ids) $(name).replaceWith(part.getElementById(name));
    for (const { id: name, value, checked } of typed) if ($(name)) Object.assign($(name), { value, checked });
    if (document.activeElement.id !== id && $(id)) {
      $(id).focus({ preventScroll: true });
      if (selectionStart != null && $(id).type === 'text') $(id).setSelectionRange(selectionStart, selectionEnd);
    }
    plain();
    follow();
  };
  // Buttons that do what scripts do by themselves are hidden.
  const plain = () => { for (const b of document.querySelectorAll('[data-plain]')) b.hidden = true; };
  plain();
  follow();

  // The preview of an import follows its settings. One request is sent at a time; what is
  // edited meanwhile stays, and is sent with the next one.
  if (options) {
    const edited = new Set();
    let timer, sending = false, failed = false;
    const update = async () => {
      if (sending) return;
      sending = true;
      edited.clear();
      const data = new URLSearchParams(new FormData(options));
      data.set('do', 'choose');
      options.setAttribute('aria-busy', 'true');
      try {
        const response = await fetch(options.action, { method: 'POST', body: data, headers: { 'Clientele-Part': 'import' }, cache: 'no-store' });
        if (response.status === 401) { location.reload(); return; }
        const box = document.createElement('template');
        box.innerHTML = await response.text(); // the server has escaped it
        if (!response.ok || !box.content.getElementById('work')) throw new Error('no settings');
        replace(box.content, ['live', 'work', 'rows'], [...edited].map($).filter(Boolean));
        say($('live').dataset.said);
      } catch {
        failed = true; // the page shows the error
        options.requestSubmit(options.querySelector('[value="choose"]'));
        return;
      } finally {
        sending = false;
        options.removeAttribute('aria-busy');
      }
      if (edited.size) later(150);
    };
    const later = (ms) => { clearTimeout(timer); timer = setTimeout(update, ms); };
    options.addEventListener('input', ({ target }) => {
      if (target.name === 'numbers_region') $('region').value = target.value;
      else if (target.name === 'region' && $('numbers-region')) $('numbers-region').value = target.value;
      edited.add(target.id);
      later(target.matches('#worker, #header') ? 700 : 120);
    });
    options.addEventListener('submit', (e) => {
      clearTimeout(timer);
      const [what, country] = (e.submitter?.value || '').split(':');
      if (failed || what !== 'choose' && what !== 'region') return;
      e.preventDefault();
      if (country) $('region').value = country;
      update();
    });
  }

  // An upload shows its file and progress. A file that is too large is not sent.
  const upload = document.querySelector('[data-upload]');
  if (upload) {
    const input = $('file'), zone = upload.querySelector('[data-drop]'), chosen = zone.querySelector('[data-chosen]');
    const size = (bytes) => {
      const large = bytes >= 1 << 20, n = bytes / (large ? 1 << 20 : 1 << 10);
      return (large ? zone.dataset.mib : zone.dataset.kib).replace('#', n.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1, numberingSystem: 'latn' }));
    };
    const show = () => {
      const file = input.files[0];
      chosen.hidden = !file;
      if (!file) return;
      const name = document.createElement('bdi');
      name.textContent = file.name;
      chosen.replaceChildren(name, ' · ' + size(file.size));
      $('file-problem').replaceChildren();
      input.removeAttribute('aria-invalid');
    };
    zone.classList.add('armed');
    input.addEventListener('change', show);
    addEventListener('pageshow', show); // the Back button restores the file
    for (const type of ['dragover', 'dragleave', 'drop']) {
      document.addEventListener(type, (e) => {
        if (!e.dataTransfer?.types.includes('Files')) return;
        e.preventDefault(); // beside the zone, the browser would open the file
        zone.classList.toggle('over', type === 'dragover');
        if (type !== 'drop' || !e.dataTransfer.files.length) return;
        const one = new DataTransfer();
        one.items.add(e.dataTransfer.files[0]);
        input.files = one.files;
        show();
        upload.querySelector('[data-send]').focus();
      });
    }
  }
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
    const button = upload.querySelector('[data-send]'), abort = upload.querySelector('[data-abort]'), percent = upload.querySelector('[data-percent]');
    if (button.getAttribute('aria-disabled')) return;
    button.setAttribute('aria-disabled', 'true');
    place.replaceChildren();
    bar.parentElement.hidden = abort.hidden = false;
    const request = new XMLHttpRequest();
    request.open('POST', upload.action);
    request.setRequestHeader('Clientele-Part', 'upload');
    request.upload.addEventListener('progress', (p) => {
      if (!p.lengthComputable) return;
      bar.value = 100 * p.loaded / p.total;
      percent.textContent = (p.loaded / p.total).toLocaleString(document.documentElement.lang, { style: 'percent', numberingSystem: 'latn' });
    });
    const reset = () => { bar.parentElement.hidden = abort.hidden = true; bar.value = 0; percent.textContent = ''; button.removeAttribute('aria-disabled'); };
    abort.onclick = () => { request.abort(); reset(); button.focus(); };
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
