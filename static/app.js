// What a script adds to pages that work without it: copy buttons, leaving quickly, one submission per form,
// a warning before sign-out, a question before unsent text is lost, and drafts kept while one types.
(function () {
  'use strict';
  const each = (selector, root, act) => (root || document).querySelectorAll(selector).forEach(act);
  let leaving = false;
  const keepers = new WeakMap();

  function showCopyButtons(root) {
    if (!navigator.clipboard) return;
    each('[data-copy][hidden]', root, (button) => { button.hidden = false; });
  }

  function copy(button) {
    navigator.clipboard.writeText(button.dataset.copy).then(() => {
      const words = button.textContent;
      if (words === button.dataset.copied) return;
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = words; }, 2000);
    });
  }

  function leaveQuickly(link) {
    leaving = true;
    document.title = '';
    document.body.replaceChildren();
    location.replace(link.href);
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) copy(button);
    const phrase = event.target.closest('[data-phrase]');
    if (phrase && putIntoMessage(phrase)) event.preventDefault();
    const link = event.target.closest('[data-leave]');
    if (link) { event.preventDefault(); leaveQuickly(link); }
    each('details.menu[open]', null, (menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  let presses = [];
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') each('details.menu[open]', null, (menu) => { menu.open = false; });
    if (event.key !== 'Shift') { presses = []; return; }
    if (event.repeat) return;
    const now = Date.now();
    presses = presses.filter((moment) => now - moment < 2000).concat(now);
    const link = document.querySelector('[data-leave]');
    if (presses.length >= 3 && link) leaveQuickly(link);
  });

  // The button stays enabled, since a disabled one would not send its own value.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = 'yes';
    each('button[type=submit]', form, (button) => button.setAttribute('aria-busy', 'true'));
    setTimeout(() => release(form), 10000);
  });

  function release(form) {
    delete form.dataset.sent;
    each('[aria-busy]', form, (button) => button.removeAttribute('aria-busy'));
  }

  // A page brought back by the browser's own "back" must be able to send again.
  window.addEventListener('pageshow', (event) => { if (event.persisted) each('form[data-sent]', null, release); });

  window.addEventListener('beforeunload', (event) => {
    if (leaving) return;
    const unsent = [...document.querySelectorAll('form[data-draft]:not([data-sent]) textarea')]
      .some((area) => area.value.trim() !== area.defaultValue.trim());
    if (unsent) event.preventDefault();
  });

  // What is typed goes where the form goes, marked as a draft, every ten seconds and when a field is left.
  function keepDrafts(sign) {
    const form = sign.closest('form');
    const address = sign.dataset.autosave;
    const typed = () => {
      const body = new FormData(form);
      if (address) body.set('page', body.get('_key')); else body.set('step', 'draft');
      body.delete('_key');
      return body;
    };
    const written = () => new URLSearchParams(typed()).toString();
    let kept = written();
    const keep = () => {
      const now = written();
      if (now === kept || form.dataset.sent || leaving) return Promise.resolve();
      const sent = { method: 'POST', body: typed(), credentials: 'same-origin', keepalive: true };
      return fetch(address || form.action, sent).then((answer) => {
        if (answer.status !== 204) throw new Error(answer.status);
        kept = now;
        // What the server holds as a draft is not lost with the page.
        if (address && now === written()) each('textarea', form, (area) => { area.defaultValue = area.value; });
        if (answer.headers.get('Draft-Replaced')) { sign.textContent = sign.dataset.replaced; return; }
        const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
        sign.textContent = sign.dataset.kept.replace('{time}', time);
      }).catch(() => { sign.textContent = sign.dataset.unkept; });
    };
    // A button says itself what becomes of what was typed.
    form.addEventListener('focusout', (event) => { if (event.relatedTarget?.type !== 'submit') keep(); });
    setInterval(keep, 10000);
    keepers.set(form, keep);
  }

  // Whoever goes to another room with something typed is asked once in a sitting: the text stays where it was typed.
  function askBeforeLeavingRoom(rooms) {
    const form = document.getElementById('composer');
    rooms.addEventListener('click', (event) => {
      const link = event.target.closest('a');
      const typed = form && form.elements.text.value.trim();
      if (!link || link.hasAttribute('aria-current') || !typed) return;
      event.preventDefault();
      if (!sessionStorage.getItem('asked-about-rooms')) {
        if (!confirm(rooms.dataset.rooms.replace('{room}', link.textContent.trim()))) return;
        sessionStorage.setItem('asked-about-rooms', 'yes');
      }
      const keep = keepers.get(form);
      (keep ? keep() : Promise.resolve()).then(() => { location.href = link.href; });
    });
  }

  function putIntoMessage(button) {
    const area = button.form && button.form.elements.text;
    if (!area) return false;
    const typed = area.value.trimEnd();
    area.value = typed ? typed + '\n' + button.textContent : button.textContent;
    area.focus();
    return true;
  }

  // How long a message can still be taken back, counted from the answer; the server decides.
  function countDown(sign) {
    const until = Date.now() + Number(sign.dataset.countdown) * 1000;
    const tell = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      sign.textContent = left > 0 ? sign.dataset.words.replace('{n}', left) : sign.dataset.over;
      if (left <= 0) each('button', sign.closest('form'), (button) => { button.hidden = true; });
      if (left > 0 && sign.isConnected) setTimeout(tell, 1000);
    };
    tell();
  }

  function watchSession(warning) {
    const minutesBefore = 5;
    let timer;
    const begin = () => {
      warning.hidden = true;
      clearTimeout(timer);
      timer = setTimeout(() => { warning.hidden = false; warning.querySelector('[data-stay]').focus(); },
        Math.max(1, Number(warning.dataset.session) - minutesBefore * 60) * 1000);
    };
    warning.querySelector('[data-stay]').addEventListener('click', () => {
      fetch(warning.dataset.extend || location.href, { credentials: 'same-origin' })
        .then((answer) => { if (answer.ok && !answer.redirected) begin(); else location.reload(); });
    });
    document.addEventListener('htmx:after:request', begin);
    begin();
  }

  document.addEventListener('DOMContentLoaded', () => {
    showCopyButtons(document);
    each('[data-session]', null, watchSession);
    each('[data-autosave]', null, keepDrafts);
    each('[data-rooms]', null, askBeforeLeavingRoom);
    each('[data-countdown]', null, countDown);
    const summary = document.getElementById('error-summary');
    if (summary) summary.focus();
  });
  document.addEventListener('htmx:after:swap', () => { showCopyButtons(document); each('[data-countdown]', null, countDown); });

  // A piece of the page that is replaced while somebody reads it keeps open what they had opened.
  let opened = [];
  document.addEventListener('htmx:before:swap', () => { opened = [...document.querySelectorAll('details[id][open]')].map((each) => each.id); });
  document.addEventListener('htmx:after:swap', () => opened.forEach((id) => { const each = document.getElementById(id); if (each) each.open = true; }));
})();
