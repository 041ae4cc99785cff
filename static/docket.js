// Keys for lists of cases. They act only while a row has the focus, so that nobody meets them by accident:
// j and k go down and up, Home and End to the ends, o opens, . copies the mediation number.
(() => {
  'use strict';
  const links = () => [...document.querySelectorAll('main table tbody th a')];
  const go = (link) => { if (link) { link.focus(); link.scrollIntoView({ block: 'nearest' }); } };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest('main table tbody tr');
    if (!row) return;
    const all = links();
    const here = all.indexOf(row.querySelector('th a'));
    const act = {
      j: () => go(all[here + 1]),
      k: () => go(all[here - 1]),
      Home: () => go(all[0]),
      End: () => go(all[all.length - 1]),
      o: () => all[here].click(),
      '.': () => navigator.clipboard && navigator.clipboard.writeText(all[here].textContent.trim()),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
