// What the views are built of.

/** Lists of one transfer come in pages of so many. */
export const PART_SIZE = 200;

export const byId = (id) => document.getElementById(id);

export function element(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

const drawn = (tag, attributes, ...children) =>
  filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

const keyOf = (node) => `${node.nodeName} ${node.id || node.dataset?.key || node.dataset?.label || node.getAttribute?.('href') || ''}`;

/**
 * Has this stand in there, and keeps what is the same: so the focus, what is selected and the place of a screen reader stay. Links are
 * known by where they lead, rows and cells by their key and title.
 */
export function redraw(parent, ...children) {
  const before = Map.groupBy(parent.childNodes, keyOf);
  const after = filled(document.createDocumentFragment(), {}, children);
  const all = [...after.childNodes].map((node) => {
    const kept = before.get(keyOf(node))?.shift();
    return kept ? alike(kept, node) : node;
  });
  for (const gone of [...before.values()].flat()) {
    gone.remove();
  }
  all.forEach((node, at) => {
    if (parent.childNodes[at] !== node) {
      parent.insertBefore(node, parent.childNodes[at] ?? null);
    }
  });
}

function alike(kept, node) {
  if (!(node instanceof Element)) {
    if (kept.data !== node.data) {
      kept.data = node.data;
    }
    return kept;
  }
  for (const { name } of [...kept.attributes].filter(({ name }) => !node.hasAttribute(name))) {
    kept.removeAttribute(name);
  }
  for (const { name, value } of node.attributes) {
    if (kept.getAttribute(name) !== value) {
      kept.setAttribute(name, value);
    }
  }
  kept.onclick = node.onclick;
  redraw(kept, ...node.childNodes);
  return kept;
}

/** Whether there is anything that a button could do. */
export const possible = (id, is) => byId(id).toggleAttribute('data-vain', !is);

// ---- words

const WHEN = new Intl.DateTimeFormat(undefined, {
  year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
});
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });

/** The reader's, which all times are told in. */
export const zone = () => WHEN.formatToParts(new Date()).find((part) => part.type === 'timeZoneName').value;

export const moment = (at) => WHEN.format(new Date(at));
export const time = (at) => at && element('time', { datetime: at, title: at }, moment(at));
export const state = (name) => element('span', { class: `state ${name}` }, name);
export const code = (text) => text && element('code', {}, text);
export const number = (value) => (typeof value === 'number' ? value.toLocaleString() : null);
export const reason = (row) => [row.reason, row.detail].filter(Boolean).join(': ');
export const words = (constant) => constant.toLowerCase().replaceAll('_', ' ');
export const count = (many, one) => `${number(many)} ${one}${many === 1 ? '' : 's'}`;

export function duration(millis) {
  const seconds = Math.max(0, millis) / 1000;
  if (seconds < 60) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min ${Math.round(seconds % 60)} s`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export const since = (at) => element('span', {}, time(at), ` (${duration(Date.now() - new Date(at))})`);

/** Why nothing is done at a payer or sink. */
export const hold = (one) =>
  one.reason === 'PAUSED'
    ? element('span', {}, 'Paused since ', time(one.since), `: ${one.detail}`)
    : element('span', {}, 'Held since ', time(one.since), ...(one.until ? [' until ', time(one.until)] : [', for as long as it takes']), `: ${reason(one)}`);

/** What is tried again and again, and will go on once that works. */
export const waiting = (wait) =>
  wait &&
  element(
    'span',
    { class: 'warnings' },
    `Waits for ${wait.kind} ${wait.name} (${words(wait.step)}) since `,
    time(wait.since),
    `: ${reason(wait)}`,
    ...nextTry(wait)
  );

export const nextTry = ({ attempts, nextTry: at }) => (at ? [`; ${attempts === 1 ? '1 try' : `${number(attempts)} tries`}, the next `, time(at)] : []);

// ---- shapes

/**
 * A table, on a narrow screen a card for each row; columns are [title, content of a row, class], and shown if there is anything in
 * them. The roles stand there since a browser forgets them where a row is no table row to the eye.
 */
export function table(caption, rows, columns) {
  const shown = columns
    .map(([title, content, look]) => ({ title, look, cells: rows.map((row) => content(row) || '') }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const head = shown.map(({ title }) => element('th', { scope: 'col', role: 'columnheader' }, title));
  const lines = rows.map(({ id, name, step, sink }, at) =>
    element(
      'tr',
      { role: 'row', 'data-key': id ?? name ?? step ?? sink ?? '' },
      ...shown.map(({ title, look, cells }) =>
        element('td', { role: 'cell', 'data-label': title, class: [look, cells[at] === '' && 'empty'].filter(Boolean).join(' ') }, element('div', {}, cells[at]))
      )
    )
  );
  return element(
    'table',
    { role: 'table', 'data-key': caption },
    element('caption', {}, caption),
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...head)),
    element('tbody', { role: 'rowgroup' }, ...lines)
  );
}

export function facts(pairs) {
  const list = element('dl', {});
  for (const [name, value] of pairs) {
    if (value) {
      list.append(element('dt', { 'data-key': name }, name), element('dd', { 'data-key': name }, value));
    }
  }
  return list;
}

export function button(id, text, what, done) {
  const node = element('button', { id, 'aria-label': `${text} ${what}` }, text);
  node.onclick = done;
  return node;
}

/** What ended in each minute as two lines, of which one is dashed so that nobody has to see colours. */
export function chart(minutes) {
  const most = Math.max(1, ...minutes.map((minute) => Math.max(minute.complete, minute.other)));
  const line = (name) =>
    drawn('polyline', {
      class: name,
      points: minutes.map((minute, at) => `${((at * 600) / (minutes.length - 1)).toFixed(1)},${(110 - (100 * minute[name]) / most).toFixed(1)}`).join(' '),
    });
  const sum = (name) => minutes.reduce((all, minute) => all + minute[name], 0);
  const told = `${number(sum('complete'))} complete, ${number(sum('other'))} otherwise`;
  return element(
    'figure',
    {},
    drawn(
      'svg',
      { viewBox: '0 0 600 120', preserveAspectRatio: 'none', role: 'img', 'aria-label': `Transfers that ended in the last hour, by minute: ${told}; at most ${most} in a minute` },
      ...[10, 60, 110].map((y) => drawn('line', { class: 'grid', x1: 0, x2: 600, y1: y, y2: y })),
      line('complete'),
      line('other')
    ),
    element(
      'figcaption',
      {},
      element('span', {}, `${CLOCK.format(new Date(minutes[0].at))} to ${CLOCK.format(new Date(minutes.at(-1).at))}`),
      element('span', {}, `highest: ${number(most)} a minute`),
      element('span', { class: 'complete key' }, `${number(sum('complete'))} complete`),
      element('span', { class: 'other key' }, `${number(sum('other'))} otherwise`)
    )
  );
}

/** Which rows of a long list are shown, with links to those before and behind them. */
export function pages(label, { first, shown, total, page }, href) {
  const to = (text, at, possible) => element('a', possible ? { href: href(at) } : {}, text);
  return element(
    'nav',
    { 'aria-label': label, class: 'pages' },
    to('Earlier', page - 1, page > 0),
    shown ? ` ${number(first + 1)} to ${number(first + shown)} of ${number(total)} ` : ' ',
    to('Later', page + 1, first + shown < total)
  );
}

// ---- places: #/ · #/transfers?state=FAILED&page=1 · #/transfers/<id>?events=1

export function changed(query, changes) {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) {
      next.set(name, value);
    } else {
      next.delete(name);
    }
  }
  return next;
}

export const toList = (changes, query = '') => `#/transfers?${changed(query, changes)}`;
export const toTransfer = (id) => id && element('a', { href: `#/transfers/${id}` }, id);
export const toMembers = (id, text) => element('a', { href: toList({ batch: id }) }, text);
export const outcomes = (batch) => Object.entries(batch.outcomes).map(([outcome, many]) => `${number(many)} ${outcome}`).join(', ');
