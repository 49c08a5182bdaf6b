// Writes what HubSpot is to tell of, by what the connectors' files say: records that are made, associated, deleted, merged or
// brought back, and changes of the properties that travel to a provider. A test compares the written file with this.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse } from 'smol-toml';

import { CONNECTORS, text } from './actions.mjs';

export const WEBHOOKS = fileURLToPath(new URL('../src/app/webhooks/webhooks-hsmeta.json', import.meta.url));

/** HubSpot's names of its objects in subscriptions, by those in paths. */
const OBJECTS = { contacts: 'contact', companies: 'company', deals: 'deal', tickets: 'ticket' };

/** What happens to a record as a whole. */
const EVENTS = ['creation', 'associationChange', 'deletion', 'merge', 'restore'];

/** The subscriptions of the app. */
export async function webhooks() {
  const subscriptions = new Map();
  const add = (objectType, subscriptionType, propertyName) => {
    const subscription = { subscriptionType, objectType, ...(propertyName && { propertyName }), active: true };
    subscriptions.set(JSON.stringify(subscription), subscription);
  };
  for (const file of (await readdir(CONNECTORS)).filter((name) => name.endsWith('.toml')).sort()) {
    const connector = parse(await readFile(join(CONNECTORS, file), 'utf8'));
    for (const object of connector.objects ?? []) {
      const type = OBJECTS[object.hubspot_object];
      for (const what of EVENTS) {
        add(type, `object.${what}`);
      }
      const back = (object.rules ?? []).filter((rule) => object.bidirectional && rule.direction === 'both');
      // Our own properties exist only where the app is installed and has synced: HubSpot knows no such subscription.
      for (const { property } of back.filter(({ property }) => !property.startsWith('sync300_'))) {
        add(type, 'object.propertyChange', property);
      }
    }
  }
  return {
    uid: 'sync300_webhooks',
    type: 'webhooks',
    config: {
      settings: { targetUrl: '${PUBLIC_URL}/hubspot/webhooks', maxConcurrentRequests: 10 },
      subscriptions: {
        crmObjects: [...subscriptions.values()],
        hubEvents: [{ subscriptionType: 'contact.privacyDeletion', active: true }],
      },
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(WEBHOOKS, text(await webhooks()));
}
