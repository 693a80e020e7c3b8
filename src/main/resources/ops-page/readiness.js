// Whether the node is ready, and what is to be known besides.

import { Locked, call, readiness } from './api.js';
import { byId, element, redraw, state, table } from './parts.js';

/** Routes that run are many, and say nothing. */
const isTold = ({ name, status }) => status !== 'UP' || !/^(route:|consumer:|context)/.test(name);

/** Without the key readiness tells its status alone: what needs it is asked first, though it may have trouble of its own. */
export async function load() {
  await call('api/payers').catch((failure) => {
    if (failure instanceof Locked) {
      throw failure;
    }
  });
  return readiness();
}

export function draw({ status = 'UNKNOWN', checks = [] }) {
  redraw(
    byId('readiness'),
    element('p', {}, 'This node is ', state(status), '.'),
    table('What is looked at', checks.filter(isTold), [
      ['Check', ({ name }) => name],
      ['State', (check) => state(check.status)],
      ['Says', ({ message }) => message, 'long'],
    ])
  );
}
