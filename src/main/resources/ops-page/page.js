'use strict';

const PAGE_SIZE = 50;
const REFRESH_MILLIS = 5000;
const RETRYABLE = ['FAILED', 'NO_MATCH'];
const OPEN = ['RECEIVED', 'MATCHED'];
/** Lists of one transfer come in pages of so many. */
const PART_SIZE = 200;
const PARTS = ['jobs', 'files', 'deliveries', 'events'];

const byId = (id) => document.getElementById(id);

/** Lives no longer than the page. */
let apiKey = '';
let keyAsked = null;
/** Answers that come after a newer question are dropped. */
let turn = 0;
let shown = '';
/** The transfer that stands on the page, which the buttons are about. */
let drawn = null;

// ---- building blocks

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const time = (at) => at && element('time', { datetime: at, title: at }, new Date(at).toLocaleString());
const state = (name) => element('span', { class: name }, name);
const code = (text) => text && element('code', {}, text);
const number = (value) => (typeof value === 'number' ? value.toLocaleString() : null);
const reason = (row) => [row.reason, row.detail].filter(Boolean).join(': ');
/** What is tried again and again, and will go on once that works. */
const waiting = ({ waitsFor: wait }) =>
  wait &&
  element(
    'span',
    { class: 'warnings' },
    `waits for ${wait.kind} ${wait.name} (${wait.step}) since `,
    time(wait.since),
    `: ${reason(wait)}`,
    ...(wait.nextTry ? [`; ${wait.attempts} tries, the next `, time(wait.nextTry)] : [])
  );

/** A table; columns are [title, content of a row, class]. */
function table(caption, rows, columns) {
  const head = columns.map(([title]) => element('th', { scope: 'col' }, title));
  const lines = rows.map((row) =>
    element('tr', {}, ...columns.map(([, content, look]) => element('td', look ? { class: look } : {}, content(row) ?? '')))
  );
  return element(
    'div',
    { class: 'wide' },
    element('table', {}, element('caption', {}, caption), element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...lines))
  );
}

/** One of the lists that belong to a transfer, a page of it where it is long. */
function section(title, part, transfer, columns) {
  const rows = transfer[part];
  return [
    element('h2', {}, title),
    rows.length ? table(title, rows, columns) : element('p', {}, 'none'),
    transfer.totals[part] > PART_SIZE ? pages(part, transfer) : null,
  ].filter(Boolean);
}

function pages(part, { totals, ...transfer }) {
  const { id, query } = place();
  const page = Number(query.get(part) ?? 0);
  const to = (text, number, possible) =>
    element('a', possible ? { href: `#/transfers/${id}?${changed(query, { [part]: number })}` } : {}, text);
  const first = page * PART_SIZE;
  const last = first + transfer[part].length;
  return element(
    'nav',
    { 'aria-label': `pages of ${part}` },
    to('Earlier', page - 1, page > 0),
    ` ${first + 1} to ${last} of ${totals[part]} `,
    to('Later', page + 1, last < totals[part])
  );
}

function facts(pairs) {
  const list = element('dl', {});
  for (const [name, value] of pairs) {
    if (value) {
      list.append(element('dt', {}, name), element('dd', {}, value));
    }
  }
  return list;
}

// ---- the API

const authorization = () => (apiKey ? { Authorization: `Bearer ${apiKey}` } : {});

async function call(path, method = 'GET', actor = '') {
  for (;;) {
    const headers = authorization();
    if (actor) {
      headers['P2P-Actor'] = actor;
    }
    const answer = await fetch(path, { method, headers, cache: 'no-store', credentials: 'omit' });
    if (answer.status === 401) {
      await askForKey();
      continue;
    }
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      throw new Error(body.error ?? `the answer is ${answer.status}`);
    }
    return body;
  }
}

/** One dialog, however many calls wait for it. */
function askForKey() {
  keyAsked ??= new Promise((given) => {
    const dialog = byId('key-dialog');
    dialog.addEventListener(
      'close',
      () => {
        apiKey = byId('key').value;
        byId('key').value = '';
        keyAsked = null;
        given();
      },
      { once: true }
    );
    dialog.showModal();
  });
  return keyAsked;
}

/** Resolves to the operator's name, or to null if it is not to be. */
function ask(title, hint, yes) {
  return new Promise((answered) => {
    const dialog = byId('ask-dialog');
    byId('ask-title').textContent = title;
    byId('ask-hint').textContent = hint;
    byId('ask-yes').textContent = yes;
    dialog.returnValue = 'no';
    dialog.addEventListener(
      'close',
      () => answered(dialog.returnValue === 'yes' ? byId('actor').value : null),
      { once: true }
    );
    dialog.showModal();
  });
}

function tell(problem, notice = '') {
  byId('problem').hidden = !problem;
  byId('problem').textContent = problem;
  byId('notice').textContent = notice;
}

// ---- where we are: #/?status=FAILED&payer=bison&page=1 or #/transfers/<id>

function place() {
  const [path, query] = (location.hash.slice(1) || '/').split('?');
  const id = /^\/transfers\/([A-Za-z0-9-]{1,64})$/.exec(path)?.[1];
  return { id, query: new URLSearchParams(query) };
}

const link = (query, changes) => `#/?${changed(query, changes)}`;

function changed(query, changes) {
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

/** Draws only what has changed, so that nothing moves under the reader's hands. */
async function show(moved) {
  const mine = ++turn;
  const { id, query } = place();
  const path = id ? `api/transfers/${id}` : `api/transfers?${new URLSearchParams([...query, ['size', PAGE_SIZE]])}`;
  try {
    const found = await call(path);
    for (const part of PARTS.filter((name) => id && Number(query.get(name)) > 0)) {
      found[part] = (await call(`${path}/${part}?page=${Number(query.get(part))}`))[part];
    }
    if (mine !== turn) {
      return;
    }
    const now = location.hash + JSON.stringify(found);
    if (now !== shown) {
      const focused = document.activeElement?.id;
      if (id) {
        drawTransfer(found);
        drawn = id;
      } else {
        drawList(found, query);
      }
      drawHeld(found.held ?? []);
      byId('list').hidden = Boolean(id);
      byId('transfer').hidden = !id;
      byId(focused)?.focus();
      shown = now;
    }
    if (!byId('problem').hidden) {
      tell('');
    }
    await showInbox();
    if (moved) {
      document.querySelector('main:not([hidden]) h1').focus();
    }
  } catch (failure) {
    if (mine === turn) {
      tell(failure.message);
    }
  }
}

/** What lies in the inbox without being taken, as readiness tells it. */
async function showInbox() {
  const answer = await fetch('observe/health/ready', { headers: authorization(), cache: 'no-store', credentials: 'omit' });
  const { checks = [] } = await answer.json().catch(() => ({}));
  const { message = '' } = checks.find((check) => check.name === 'inbox') ?? {};
  byId('inbox').hidden = !message.startsWith('not taken');
  byId('inbox').textContent = `Inbox: ${message}`;
}

// ---- the two views

function drawHeld(held) {
  byId('held').replaceChildren(
    ...held.map((one) =>
      element('li', {}, `${one.kind} ${one.name} is held since `, time(one.since), `: ${one.reason}, ${one.detail}`)
    )
  );
}

const toBatch = (id) => id && element('a', { href: `#/transfers/${id}` }, id);
const toMembers = (id, text) => element('a', { href: link(new URLSearchParams(), { batch: id }) }, text);
const outcomes = (batch) => Object.entries(batch.outcomes).map(([outcome, count]) => `${number(count)} ${outcome}`).join(', ');

/** The open batches of members, the oldest first. */
function drawBatches(batches, total) {
  const title = total > batches.length ? `The oldest ${batches.length} of ${total} open batches` : 'Open batches';
  byId('batches').replaceChildren(
    ...(batches.length
      ? [
          element('h2', {}, title),
          table(title, batches, [
            ['Opened', (batch) => time(batch.openedAt)],
            ['Batch', (batch) => toBatch(batch.id)],
            ['Payer', (batch) => batch.payer],
            ['At', (batch) => batch.phase],
            ['Next step', (batch) => time(batch.dueAt)],
            ['Members', (batch) => toMembers(batch.id, number(batch.members)), 'number'],
            ['Outcomes', outcomes],
          ]),
          element('h2', {}, 'Transfers'),
        ]
      : [])
  );
}

function drawList({ transfers, page, total, batches, batchesTotal }, query) {
  document.title = 'Transfers · Payer Exchange';
  drawBatches(batches, batchesTotal);
  const batch = query.get('batch');
  byId('members-of').hidden = !batch;
  byId('batch').textContent = batch ?? '';
  byId('batch').setAttribute('href', `#/transfers/${batch}`);
  byId('filter').elements.status.value = query.get('status') ?? '';
  byId('filter').elements.payer.value = query.get('payer') ?? '';
  byId('transfers').replaceChildren(
    transfers.length
      ? table('Transfers, the latest first', transfers, [
          ['Received', (row) => time(row.receivedAt)],
          ['Transfer', (row) => element('a', { href: `#/transfers/${row.id}`, id: row.id }, row.id)],
          ['Payer', (row) => row.payer],
          ['State', (row) => state(row.status)],
          ['Request', (row) => row.requestId],
          ['Source', (row) => `${row.source} (${row.recordNumber})`],
          ['Reason', (row) => waiting(row) ?? reason(row)],
          ['Warnings', (row) => row.warnings || null, 'number warnings'],
        ])
      : element('p', {}, 'No transfers.')
  );
  const first = page * PAGE_SIZE;
  byId('range').textContent = transfers.length ? `${first + 1} to ${first + transfers.length} of ${total}` : '';
  turnTo('newer', page > 0, link(query, { page: page - 1 }));
  turnTo('older', first + transfers.length < total, link(query, { page: page + 1 }));
}

function turnTo(id, possible, href) {
  if (possible) {
    byId(id).setAttribute('href', href);
  } else {
    byId(id).removeAttribute('href');
  }
}

function drawTransfer(transfer) {
  const batch = transfer.asBatch;
  document.title = `${transfer.status} ${transfer.id} · Payer Exchange`;
  byId('what').textContent = batch ? 'Batch' : 'Transfer';
  byId('id').textContent = transfer.id;
  byId('retry').disabled = Boolean(batch) || !RETRYABLE.includes(transfer.status);
  byId('cancel').disabled = Boolean(batch) || !OPEN.includes(transfer.status);
  byId('details').replaceChildren(
    facts([
      ['State', state(transfer.status)],
      ['Payer', transfer.payer],
      ['Request', transfer.requestId],
      ['Batch', toBatch(transfer.batch)],
      ['Source', transfer.source && `${transfer.source}, record ${transfer.recordNumber}`],
      ['At', batch?.phase],
      ['Members', batch && toMembers(batch.id, number(batch.members))],
      ['Outcomes', batch && outcomes(batch)],
      ['Reason', reason(transfer)],
      ['Waiting', waiting(transfer)],
      ['Received', time(transfer.receivedAt)],
      ['Last change', time(transfer.updatedAt)],
      ['Ended', time(transfer.finishedAt)],
    ]),
    ...warnings(transfer),
    ...section('Export jobs', 'jobs', transfer, [
      ['Job', (job) => code(job.jobId) ?? '(none yet)'],
      ['Kind', (job) => job.kind],
      ['State', (job) => state(job.state)],
      ['Progress', (job) => job.progress],
      ['Polls', (job) => number(job.polls), 'number'],
      ['Resources', (job) => number(job.resourceCount), 'number'],
      ['Next step', (job) => time(job.dueAt)],
      ['Reason', reason],
    ]),
    ...section('Files', 'files', transfer, [
      ['File', (file) => file.name],
      ['Kind', (file) => file.kind],
      ['State', (file) => state(file.state)],
      ['Resources', (file) => number(file.resources), 'number'],
      ['Announced', (file) => number(file.expectedCount), 'number'],
      ['Bytes', (file) => number(file.bytes), 'number'],
      ['Stored', (file) => time(file.storedAt)],
      ['Tries', (file) => file.attempts || null, 'number'],
      ['Next try', (file) => time(file.dueAt)],
      ['Reason', reason],
    ]),
    ...section('Deliveries', 'deliveries', transfer, [
      ['Sink', (delivery) => delivery.sink],
      ['State', (delivery) => state(delivery.state)],
      ['Files', (delivery) => `${number(delivery.delivered)} of ${number(delivery.files)}`, 'number'],
      ['Resources', (delivery) => number(delivery.resources), 'number'],
      ['Tries', (delivery) => delivery.attempts || null, 'number'],
      ['Next try', (delivery) => time(delivery.dueAt)],
      ['Reason', reason],
    ]),
    ...section('Audit trail', 'events', transfer, [
      ['#', (event) => event.number, 'number'],
      ['When', (event) => time(event.at)],
      ['Who', (event) => event.actor],
      ['What', (event) => event.what],
      ['Detail', (event) => event.detail],
    ])
  );
}

function warnings(transfer) {
  const all = [
    ...transfer.jobs.flatMap((job) => job.warnings.map((text) => ['export', text])),
    ...transfer.files.flatMap((file) => file.warnings.map((text) => [file.name, text])),
    ...transfer.deliveries.flatMap((one) => one.warnings.map((text) => [one.sink, text])),
  ];
  if (!all.length) {
    return [];
  }
  const lines = all.map(([where, text]) => element('li', {}, `${where}: ${text}`));
  return [element('h2', {}, 'Warnings'), element('ul', { class: 'warnings' }, ...lines)];
}

// ---- what the operator does

async function act(what, title, hint, done) {
  const id = drawn;
  const actor = await ask(title, hint, title);
  if (actor === null) {
    return;
  }
  try {
    await call(`api/transfers/${id}/${what}`, 'POST', actor);
    tell('', done);
  } catch (failure) {
    tell(failure.message);
    return;
  }
  show(false);
}

byId('retry').addEventListener('click', () =>
  act('retry', 'Retry the transfer', 'It goes on from the step that failed and keeps what was done.', 'The transfer goes on.')
);
byId('cancel').addEventListener('click', () =>
  act('cancel', 'Cancel the transfer', 'It is given up for good; what was delivered stays.', 'The transfer is cancelled.')
);
byId('filter').addEventListener('submit', (event) => {
  event.preventDefault();
  const { status, payer } = event.target.elements;
  location.hash = link(new URLSearchParams(), { status: status.value, payer: payer.value.trim() });
});
byId('filter').elements.status.addEventListener('change', () => byId('filter').requestSubmit());
/** What is asked for may not come, and what stood here is not it. */
function clear() {
  drawn = null;
  shown = '';
  byId('list').hidden = true;
  byId('transfer').hidden = true;
  byId('held').replaceChildren();
}

window.addEventListener('hashchange', () => {
  tell('');
  clear();
  show(true);
});
setInterval(() => {
  if (!document.hidden && !document.querySelector('dialog[open]')) {
    show(false);
  }
}, REFRESH_MILLIS);
show(false);
