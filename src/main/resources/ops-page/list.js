// The search for transfers, and what is done to all that it finds.

import { call } from './api.js';
import { byId, changed, count, element, number, outcomes, reason, redraw, state, table, time, toList, toMembers, toTransfer, words, zone } from './parts.js';

const PAGE_SIZE = 50;
const TEXTS = ['state', 'payer', 'requestId', 'reason', 'sink', 'source', 'batch'];
const TIMES = ['receivedFrom', 'receivedUntil'];
const REASONS = [
  'UNKNOWN_PAYER', 'TOKEN_REFUSED', 'CREDENTIALS_UNUSABLE', 'PAYER_UNAVAILABLE', 'PAYER_BUSY', 'PAYER_REFUSED', 'BAD_ANSWER', 'TOO_LARGE',
  'INCOMPLETE_RECORD', 'NO_MATCH', 'AMBIGUOUS_MATCH', 'CONSENT_CONSTRAINED', 'NO_GROUP_ID', 'CONSENT_EXPIRED', 'JOB_FAILED', 'JOB_GONE',
  'JOB_EXPIRED', 'FILE_GONE', 'FILE_INVALID', 'FOREIGN_HOST', 'SINK_UNAVAILABLE', 'SINK_BUSY', 'SINK_REFUSED', 'RETRY_DEADLINE', 'PAUSED',
  'OUTSIDE_HOURS', 'AT_LIMIT', 'CANCELLED', 'WITHDRAWN', 'LEASE_LOST', 'LEDGER_UNAVAILABLE', 'INTERNAL',
];

export const load = (query) => call(`api/transfers?${new URLSearchParams([...query, ['size', PAGE_SIZE]])}`);

/** The filter of the API that a place stands for. */
export const filterOf = (query) => Object.fromEntries([...query].filter(([name]) => name !== 'page'));

export function draw({ transfers, page, total, batches, batchesTotal }, query) {
  fill(query);
  byId('many-count').textContent = `${count(total, 'transfer')} ${[...query].some(([name]) => name !== 'page') ? 'found' : 'in all'}`;
  redraw(
    byId('transfers'),
    transfers.length
      ? table('Transfers, the latest first', transfers, [
          ['Received', (row) => time(row.receivedAt), 'when'],
          ['Transfer', (row) => element('a', { href: `#/transfers/${row.id}`, id: row.id }, row.id), 'id'],
          ['Payer', (row) => row.payer],
          ['State', (row) => state(row.status)],
          ['Step', step],
          ['Tries', (row) => row.waitsFor?.attempts || row.next?.attempts || null, 'number'],
          ['Next attempt', nextAttempt, 'when'],
          ['Reason', why],
          ['Request', (row) => row.requestId, 'long'],
          ['Source', (row) => `${row.source} (${row.recordNumber})`, 'long'],
          ['Warnings', (row) => row.warnings || null, 'number warnings'],
        ])
      : element('p', {}, 'No transfer is like that.')
  );
  const first = page * PAGE_SIZE;
  byId('range').textContent = transfers.length ? `${number(first + 1)} to ${number(first + transfers.length)} of ${number(total)}` : '';
  turnTo('newer', page > 0, toList({ page: page - 1 }, query));
  turnTo('older', first + transfers.length < total, toList({ page: page + 1 }, query));
  drawBatches(batches, batchesTotal);
}

function step({ waitsFor, next, batch, status }) {
  const name = waitsFor?.step ?? next?.step;
  if (!name) {
    return status === 'RECEIVED' && batch ? 'in its batch' : null;
  }
  return `${words(name)}${next?.step === name && next.open > 1 ? ` (${number(next.open)})` : ''}`;
}

function nextAttempt({ waitsFor, next }) {
  if (waitsFor) {
    return waitsFor.nextTry ? time(waitsFor.nextTry) : 'paused';
  }
  return next && (next.running ? 'in hand' : time(next.dueAt));
}

function why({ waitsFor, ...row }) {
  return waitsFor ? element('span', { class: 'warnings' }, `${waitsFor.kind} ${waitsFor.name} since `, time(waitsFor.since), `: ${reason(waitsFor)}`) : reason(row);
}

/** The open batches of members, the oldest first. */
function drawBatches(batches, total) {
  const title = total > batches.length ? `The oldest ${batches.length} of ${total} open batches` : 'Open batches';
  redraw(
    byId('batches'),
    ...(batches.length
      ? [
          element('h2', {}, title),
          table(title, batches, [
            ['Opened', (batch) => time(batch.openedAt)],
            ['Batch', (batch) => toTransfer(batch.id), 'id'],
            ['Payer', (batch) => batch.payer],
            ['At', (batch) => words(batch.phase)],
            ['Next step', (batch) => time(batch.dueAt)],
            ['Members', (batch) => toMembers(batch.id, number(batch.members)), 'number'],
            ['Outcomes', outcomes],
          ]),
        ]
      : [])
  );
}

function turnTo(id, possible, href) {
  if (possible) {
    byId(id).setAttribute('href', href);
  } else {
    byId(id).removeAttribute('href');
  }
}

// ---- the form

/** What stands in the form is what is shown, save while somebody writes there. */
function fill(query) {
  const form = byId('filter');
  if (form.contains(document.activeElement) && document.activeElement.tagName !== 'BUTTON') {
    return;
  }
  for (const name of TEXTS) {
    choose(form.elements[name], query.get(name) ?? '');
  }
  for (const name of TIMES) {
    form.elements[name].value = query.has(name) ? local(new Date(query.get(name))) : '';
  }
  form.elements.id.value = '';
  if ([...query.keys()].some((name) => !['state', 'payer', 'requestId', 'page'].includes(name))) {
    byId('more').open = true;
  }
}

/** An address may name several of what the form offers one by one. */
function choose(field, value) {
  field.querySelector('[data-several]')?.remove();
  field.value = value;
  if (field.value !== value && field.tagName === 'SELECT') {
    field.append(element('option', { value, 'data-several': '' }, value.replaceAll(',', ', ')));
    field.value = value;
  }
}

const local = (at) => new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

function search(event) {
  event.preventDefault();
  const { elements } = event.target;
  const id = elements.id.value.trim();
  if (id) {
    location.hash = `#/transfers/${id}`;
    return;
  }
  const asked = TEXTS.map((name) => [name, elements[name].value.trim()]);
  asked.push(...TIMES.map((name) => [name, elements[name].value && new Date(elements[name].value).toISOString()]));
  document.activeElement.blur();
  location.hash = `#/transfers?${changed('', Object.fromEntries(asked))}`;
}

export function prepare() {
  const form = byId('filter');
  form.elements.reason.append(element('option', { value: '' }, 'all'), ...REASONS.map((name) => element('option', {}, name)));
  for (const label of form.querySelectorAll('.zone')) {
    label.textContent = `(${zone()})`;
  }
  form.addEventListener('submit', search);
  // a browser cannot point at what is wrong in a part that is folded
  form.addEventListener('invalid', ({ target }) => target.closest('details')?.setAttribute('open', ''), { capture: true });
  form.elements.state.addEventListener('change', () => form.requestSubmit());
}
