// All that goes on: transfers by state and payer, what waits, payers and sinks.

import { call } from './api.js';
import { button, byId, chart, element, hold, nextTry, number, reason, redraw, since, state, table, time, toList, words, zone } from './parts.js';

const STATES = ['RECEIVED', 'MATCHED', 'COMPLETE', 'NO_MATCH', 'FAILED', 'CANCELLED', 'REJECTED'];

export async function load() {
  const today = new Date();
  today.setHours(0, 0, 0, 0);
  const [all, { payers }, { sinks }] = await Promise.all([
    call(`api/overview?${new URLSearchParams({ since: today.toISOString() })}`),
    call('api/payers'),
    call('api/sinks'),
  ]);
  return { ...all, payers, sinks };
}

/** pause(what, kind, name) asks for a pause of a payer or sink, or its end. */
export function draw({ since: today, transfers, steps, minutes, payers, sinks }, pause) {
  redraw(
    byId('overview'),
    element('h2', {}, 'Transfers'),
    ...(transfers.length ? [counts(transfers), element('p', { class: 'quiet' }, `“Today” are those received since midnight, ${zone()}.`)] : [element('p', {}, 'There are none yet.')]),
    element('h2', {}, 'Ended in the last hour'),
    chart(minutes),
    element('h2', {}, 'What is to be done'),
    steps.length ? work(steps) : element('p', {}, 'Nothing waits.'),
    element('h2', {}, 'Payers'),
    peers('payer', payers, ({ id }) => id, pause, ['Open transfers', openOf, 'short'], ['Limits', limits]),
    element('h2', {}, 'Sinks'),
    peers('sink', sinks, ({ name }) => name, pause, ['Configured by', ({ key }) => element('code', {}, key)])
  );
}

function counts(transfers) {
  const total = { name: 'All', all: {}, latest: {} };
  for (const row of transfers) {
    for (const part of ['all', 'latest']) {
      for (const [name, many] of Object.entries(row[part])) {
        total[part][name] = (total[part][name] ?? 0) + many;
      }
    }
  }
  const shown = STATES.filter((name) => total.all[name]);
  const of = (payers) => transfers.filter(({ payer }) => Boolean(payer) === payers).map((row) => ({ ...row, name: row.payer ?? 'No payer' }));
  const rows = [...of(true), ...of(false), total];
  return table('Transfers by payer and state, in all and today', rows, [
    ['Payer', ({ name, payer }) => (payer ? element('a', { href: toList({ payer }) }, name) : name)],
    ...shown.map((name) => [
      name,
      (row) =>
        row.all[name] &&
        element(
          'span',
          {},
          element('a', { href: toList({ payer: row.payer, state: name }), class: `state ${name}` }, number(row.all[name])),
          row.latest[name] ? element('small', {}, ` ${number(row.latest[name])} today`) : null
        ),
      'number',
    ]),
  ]);
}

const work = (steps) =>
  table('Steps by kind: what is to be done', steps, [
    ['Step', ({ step }) => words(step)],
    ['All', ({ open }) => number(open), 'number'],
    ['In hand', ({ running }) => number(running), 'number'],
    ['Due', ({ due }) => number(due), 'number'],
    ['Oldest due since', ({ dueSince }) => dueSince && since(dueSince)],
    ['Failing, tried again', ({ failing }) => number(failing), 'number'],
  ]);

const openOf = ({ id, transfers }) =>
  Object.keys(transfers).length > 0 &&
  element(
    'span',
    {},
    ...Object.entries(transfers).flatMap(([name, many], at) => [
      at ? ', ' : '',
      element('a', { href: toList({ payer: id, state: name }) }, number(many), ' ', state(name)),
    ])
  );

/** How often and at what hours a payer may be called, where that is not as often as there is work, and whether it bears less now. */
const limits = ({ parallelRequestsNow, maxParallelRequests, callsPerSecond, callsPerMinute, callWindow }) =>
  [parallelRequestsNow && `${number(parallelRequestsNow)} of ${number(maxParallelRequests)} at once now`, callsPerSecond && `${number(callsPerSecond)} a second`, callsPerMinute && `${number(callsPerMinute)} a minute`, callWindow].filter(Boolean).join(', ');

/** Of sinks: what ends there cannot be kept waiting. */
const OUR_OWN = ['outbox', 'outcome-queue'];

const peers = (kind, all, nameOf, pause, ...more) =>
  table(kind === 'payer' ? 'Payers and their health' : 'Sinks and their health', all, [
    [kind === 'payer' ? 'Payer' : 'Sink', nameOf],
    ['Health', health],
    ...more,
    ['Steps', ({ work: { open } }) => number(open), 'number'],
    ['In hand', ({ work: { running } }) => number(running), 'number'],
    ['Due', ({ work: { due, dueSince } }) => (due ? element('span', {}, `${number(due)} since `, time(dueSince)) : '0')],
    [
      'To do',
      (one) => {
        const paused = one.held.some((held) => held.reason === 'PAUSED');
        const what = paused ? 'resume' : 'pause';
        const name = nameOf(one);
        return (kind === 'payer' || !OUR_OWN.includes(name)) && button(`gate-${kind}-${name}`, paused ? 'Resume' : 'Pause', `${kind} ${name}`, () => pause(what, kind, name));
      },
    ],
  ]);

function health({ held, work: { failing }, failing: longest }) {
  if (held.length) {
    return element('span', { class: 'warnings' }, ...held.flatMap((one, at) => [at ? element('br', {}) : null, hold(one)]));
  }
  return longest
    ? element('span', { class: 'warnings' }, `${number(failing)} failing since `, time(longest.since), `: ${[reason(longest), `(${words(longest.step)})`].filter(Boolean).join(' ')}`, ...nextTry(longest))
    : failing
      ? element('span', { class: 'warnings' }, `${number(failing)} failing`)
      : 'Well';
}
