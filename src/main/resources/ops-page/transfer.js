// One transfer, or a batch: how it came to where it is.

import { call } from './api.js';
import { PART_SIZE, byId, changed, code, duration, element, facts, number, outcomes, pages, possible, reason, redraw, state, table, time, toMembers, toTransfer, waiting, words } from './parts.js';

const RETRYABLE = ['FAILED', 'NO_MATCH'];
const OPEN = ['RECEIVED', 'MATCHED'];
const PARTS = ['jobs', 'files', 'deliveries', 'events', 'warned'];

export async function load(id, query) {
  const path = `api/transfers/${id}`;
  const found = await call(path);
  for (const part of PARTS.filter((name) => Number(query.get(name)) > 0)) {
    found[part] = (await call(`${path}/${part}?page=${Number(query.get(part))}`))[part];
  }
  return found;
}

export function draw(transfer, query) {
  const batch = transfer.asBatch;
  possible('now', waits(transfer));
  possible('retry', !batch && RETRYABLE.includes(transfer.status));
  possible('cancel', !batch && OPEN.includes(transfer.status));
  const section = (title, part, columns) => list(title, part, transfer, query, columns);
  redraw(
    byId('details'),
    facts([
      ['State', state(transfer.status)],
      ['Payer', transfer.payer],
      ['Request', transfer.requestId],
      ['Batch', toTransfer(transfer.batch)],
      ['Repeats', toTransfer(transfer.repeatOf)],
      ['Recurring', transfer.recurrence && element('a', { href: `#/recurring?${new URLSearchParams({ payer: transfer.payer, ...(transfer.requestId ? { requestId: transfer.requestId } : {}) })}` }, transfer.recurrence)],
      ['Source', transfer.source && `${transfer.source}, record ${transfer.recordNumber}`],
      ['At', batch && words(batch.phase)],
      ['Members', batch && toMembers(batch.id, number(batch.members))],
      ['Outcomes', batch && outcomes(batch)],
      ['Reason', transfer.waitsFor ? null : reason(transfer)],
      ['Waiting', waiting(transfer.waitsFor)],
      ['Warnings', transfer.warnings ? element('span', { class: 'warnings' }, number(transfer.warnings)) : null],
      ['Next step', next(transfer.next)],
      ['Received', time(transfer.receivedAt)],
      ['Last change', time(transfer.updatedAt)],
      ['Ended', transfer.finishedAt && element('span', {}, time(transfer.finishedAt), `, after ${duration(new Date(transfer.finishedAt) - new Date(transfer.receivedAt))}`)],
    ]),
    ...warnings(transfer, query),
    ...timeline(transfer, query),
    ...section('Export jobs', 'jobs', [
      ['Job', (job) => code(job.jobId) ?? '(none yet)', 'id'],
      ['Group', (job) => code(job.group), 'id'],
      ['Kind', (job) => words(job.kind)],
      ['State', (job) => state(job.state)],
      ['New since', (job) => time(job.since)],
      ['As of', (job) => job.transactionTime],
      ['Progress', (job) => job.progress],
      ['Polls', (job) => number(job.polls), 'number'],
      ['Resources', (job) => number(job.resourceCount), 'number'],
      ['Tries', (job) => job.attempts || null, 'number'],
      ['Next step', (job) => time(job.dueAt)],
      ['Took', (job) => job.startedAt && job.finishedAt && duration(new Date(job.finishedAt) - new Date(job.startedAt))],
      ['Reason', reason],
    ]),
    ...section('Files', 'files', [
      ['File', (file) => file.name, 'id'],
      ['Kind', (file) => words(file.kind)],
      ['State', (file) => state(file.state)],
      ['Resources', (file) => number(file.resources), 'number'],
      ['Announced', (file) => number(file.expectedCount), 'number'],
      ['Bytes', (file) => number(file.bytes), 'number'],
      ['Stored', (file) => time(file.storedAt)],
      ['Tries', (file) => file.attempts || null, 'number'],
      ['Next try', (file) => time(file.dueAt)],
      ['Reason', reason],
    ]),
    ...section('Sinks', 'deliveries', [
      ['Sink', (delivery) => delivery.sink],
      ['State', (delivery) => state(delivery.state)],
      ['Progress', progress],
      ['Resources', (delivery) => number(delivery.resources), 'number'],
      ['Tries', (delivery) => delivery.attempts || null, 'number'],
      ['Next try', (delivery) => time(delivery.dueAt)],
      ['Reason', reason],
    ])
  );
}

/** Whether something has failed and is tried again later. */
const waits = ({ next: first, waitsFor, jobs, files, deliveries }) =>
  [first, waitsFor, ...jobs, ...files, ...deliveries].some((one) => one?.attempts > 0 && !one.running);

const next = (step) =>
  step && element('span', {}, `${words(step.step)}${step.open > 1 ? ` (${number(step.open)})` : ''}: `, step.running ? 'in hand' : step.dueAt ? time(step.dueAt) : 'once something else has happened');

function progress({ sink, delivered, files }) {
  const told = `${number(delivered)} of ${number(files)} files`;
  return files ? element('span', {}, element('progress', { max: files, value: delivered, 'aria-label': `${sink}: ${told}` }), ` ${told}`) : told;
}

/** What happened, and how long it took from one to the next. */
function timeline(transfer, query) {
  const { events } = transfer;
  const line = (event, at) =>
    element(
      'li',
      { value: event.number },
      at > 0 ? element('span', { class: 'after' }, `after ${duration(new Date(event.at) - new Date(events[at - 1].at))}`) : null,
      element('span', { class: 'what' }, element('strong', {}, event.what), ' ', element('span', { class: 'quiet' }, time(event.at), ` by ${event.actor}`), event.detail ? element('div', {}, event.detail) : null)
    );
  return [element('h2', {}, 'What happened'), element('ol', { class: 'timeline' }, ...events.map(line)), turn('events', transfer, query)].filter(Boolean);
}

/** One of the lists that belong to a transfer, a page of it where it is long. */
function list(title, part, transfer, query, columns) {
  const rows = transfer[part];
  return rows.length ? [element('h2', {}, title), table(title, rows, columns), turn(part, transfer, query)].filter(Boolean) : [];
}

function turn(part, { id, totals, ...transfer }, query) {
  const page = Number(query.get(part) ?? 0);
  return totals[part] > PART_SIZE
    ? pages(`pages of ${part}`, { first: page * PART_SIZE, shown: transfer[part].length, total: totals[part], page }, (at) => `#/transfers/${id}?${changed(query, { [part]: at })}`)
    : null;
}

/** Of all its lists, not only of the pages of them that are shown. */
function warnings(transfer, query) {
  const lines = (transfer.warned ?? []).flatMap(({ name, warnings: texts }) => texts.map((text) => element('li', {}, `${name ?? 'export'}: ${text}`)));
  return lines.length ? [element('h2', {}, 'Warnings'), element('ul', { class: 'warnings' }, ...lines), turn('warned', transfer, query)].filter(Boolean) : [];
}
