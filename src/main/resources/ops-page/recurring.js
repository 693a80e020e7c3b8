// Requests that are asked again and again.

import { call } from './api.js';
import { button, byId, changed, element, number, pages, redraw, state, table, time, toTransfer } from './parts.js';

const PAGE_SIZE = 50;

export const load = (query) => call(`api/recurrences?${new URLSearchParams([...query, ['size', PAGE_SIZE]])}`);

/** change(recurrence) and stop(recurrence) ask the reader, and do it. */
export function draw({ recurrences, page, total }, query, { change, stop }) {
  redraw(
    byId('recurring'),
    recurrences.length
      ? table('Recurring requests, those that are due first in front', recurrences, [
          ['Next', (row) => time(row.nextAt), 'when'],
          ['State', (row) => state(row.state)],
          ['Payer', (row) => row.payer],
          ['Request', (row) => row.requestId, 'long'],
          ['Every', (row) => row.repeatEvery],
          ['Until', (row) => row.repeatUntil],
          ['Times', (row) => number(row.transfers), 'number'],
          ['Last transfer', (row) => toTransfer(row.lastTransfer), 'id'],
          ['Ended', (row) => row.endedAt && element('span', {}, time(row.endedAt), row.endedBy ? ` by ${row.endedBy}` : '')],
          [
            'To do',
            (row) =>
              row.state === 'ACTIVE' &&
              element(
                'span',
                {},
                button(`change-${row.id}`, 'Change', `request ${row.requestId ?? row.id}`, () => change(row)),
                ' ',
                button(`stop-${row.id}`, 'Stop', `request ${row.requestId ?? row.id}`, () => stop(row))
              ),
          ],
        ])
      : element('p', {}, 'No request is asked again and again.'),
    pages('Pages of recurring requests', { first: page * PAGE_SIZE, shown: recurrences.length, total, page }, (at) => `#/recurring?${changed(query, { page: at })}`)
  );
}
