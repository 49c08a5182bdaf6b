// What HubSpot is told about the app: every file against a schema of ours, and all of them together by HubSpot's own parser.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { translate } from '@hubspot/project-parsing-lib/translate';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';

import { definitions, DEFINITIONS, text } from '../scripts/actions.mjs';
import { PROJECT, writeProject } from '../scripts/project.mjs';
import { WEBHOOKS, webhooks } from '../scripts/webhooks.mjs';
import { answer, below, json, ROOT } from './files';

interface Definition {
  uid: string;
  type: string;
  config: Record<string, never>;
}

interface Profile {
  accountId: number;
  variables: Record<string, string>;
}

const profile = json<Profile>('src', 'hsprofile.example.json');
const files = below('src').filter((file) => file.endsWith('-hsmeta.json'));
const parsed = files.map((file) => [file, filled(readFileSync(join(ROOT, file), 'utf8'))] as const);

/** With the variables of the profile in their places; one that the profile does not have stays, and fits no schema. */
function filled(text: string): Definition {
  const replaced = text.replace(/\$\{(.*?)\}/g, (whole, name: string) => profile.variables[name] ?? whole);
  return JSON.parse(replaced) as Definition;
}

function check(schema: string, data: unknown) {
  const ajv = new Ajv({ allErrors: true, strictTypes: false });
  const validate = ajv.compile(json<object>('schemas', `${schema}.schema.json`));
  validate(data);
  return validate.errors ?? [];
}

test.each(parsed)('%s is as its schema says', (_, definition) => {
  expect(check(definition.type, definition)).toEqual([]);
});

test('the project and the profile are as their schemas say', () => {
  expect(check('project', json('hsproject.json'))).toEqual([]);
  expect(check('profile', profile)).toEqual([]);
});

test('a schema refuses what HubSpot would', () => {
  const [, action] = parsed.find(([file]) => file.endsWith('clio-create-matter-hsmeta.json'))!;
  const broken = structuredClone(action) as unknown as { config: { inputFields: { typeDefinition: object }[] } };
  broken.config.inputFields[2]!.typeDefinition = { name: 'practice_area', type: 'enumeration', fieldType: 'select' };
  expect(check('workflow-action', broken)).not.toEqual([]);
  const { type: _type, ...untyped } = parsed[0]![1];
  expect(check(parsed[0]![1].type, untyped)).not.toEqual([]);
});

test('every definition has an id of its own, and its entry point is there', () => {
  const ids = parsed.map(([, { uid }]) => uid);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [file, { config }] of parsed) {
    const { entrypoint } = config as { entrypoint?: string };
    expect(entrypoint === undefined || existsSync(join(ROOT, 'src', entrypoint)), file).toBe(true);
  }
});

/** S0-08, S0-61, S0-65, DX-01: both cards, the one in the right sidebar, on all four kinds of record. */
test('the cards are on contacts, companies, deals and tickets', () => {
  const cards = parsed.map(([, definition]) => definition).filter(({ type }) => type === 'card');
  expect(cards.map(({ config }) => config['location'])).toEqual(['crm.record.tab', 'crm.record.sidebar']);
  for (const { config } of cards) {
    expect(config['objectTypes']).toEqual(['contacts', 'companies', 'deals', 'tickets']);
  }
});

test('what is uploaded stands by itself, folder by folder', () => {
  writeProject();
  const folder = relative(ROOT, join(PROJECT, 'src'));
  const sources = below(folder).filter((file) => /\.tsx?$/.test(file));
  expect(sources.some((file) => file.endsWith('settings/shared/api.ts'))).toBe(true);
  for (const file of sources) {
    const imports = [...readFileSync(join(ROOT, file), 'utf8').matchAll(/from '(.+?)'/g)].map(([, from]) => from ?? '');
    expect(
      imports.filter((from) => from.startsWith('..') || from.startsWith('@sync300')),
      file,
    ).toEqual([]);
  }
});

test("HubSpot's own parser takes what is uploaded", async () => {
  writeProject();
  const project = { projectSourceDir: join(PROJECT, 'src'), platformVersion: '2026.03', accountId: profile.accountId };
  const options = { skipValidation: true, profile: 'example' };
  const { intermediateRepresentation, skippedHsMetaFiles } = await translate(project as never, options);
  expect(skippedHsMetaFiles).toEqual([]);
  expect(Object.keys(intermediateRepresentation.intermediateNodesIndexedByUid)).toHaveLength(files.length);
  expect(JSON.stringify(intermediateRepresentation)).not.toContain('${');
});

test('no address is written down but in the profile', () => {
  const sources = below('src').filter((file) => /\.(tsx?|json)$/.test(file) && !file.includes('hsprofile.'));
  for (const file of sources) {
    expect(readFileSync(join(ROOT, file), 'utf8').match(/https?:\/\//g) ?? [], file).toEqual([]);
  }
});

/** S0-05: the scopes that the application asks for, and no other. */
test('the scopes are those of the application', () => {
  const app = json<{ config: { auth: { requiredScopes: string[]; optionalScopes: string[] } } }>(
    'src',
    'app',
    'app-hsmeta.json',
  );
  expect(app.config.auth.requiredScopes).toEqual(answer<string[]>('scopes'));
  expect(app.config.auth.optionalScopes).toEqual(answer<string[]>('scopes-optional'));
});

/** What the application takes at `/hubspot/webhooks`, of the objects and properties that the connectors' files name. */
test('webhooks are as the connectors need them', async () => {
  expect(readFileSync(WEBHOOKS, 'utf8'), 'run npm run webhooks').toBe(text(await webhooks()));
  const written = json<{ config: { subscriptions: { crmObjects: { objectType: string; subscriptionType: string }[] } } }>(
    relative(ROOT, WEBHOOKS),
  );
  const told = written.config.subscriptions.crmObjects.map(
    ({ objectType, subscriptionType }) => `${objectType} ${subscriptionType}`,
  );
  for (const type of ['contact', 'company', 'deal', 'ticket']) {
    for (const what of ['creation', 'associationChange', 'deletion', 'merge', 'restore']) {
      expect(told).toContain(`${type} object.${what}`);
    }
  }
});

describe('workflow actions', () => {
  /** S0-70 to S0-79: what HubSpot shows is what the connectors' files declare. */
  test('are as the connectors declare them', async () => {
    const wanted = await definitions();
    expect(readdirSync(DEFINITIONS).sort()).toEqual(Object.keys(wanted).sort());
    for (const [name, definition] of Object.entries(wanted)) {
      expect(readFileSync(join(DEFINITIONS, name), 'utf8'), `${name}: run npm run actions`).toBe(text(definition));
    }
  });

  /** S0-69: every action is an agent's tool too. */
  test('are six, and every one is a tool of agents', () => {
    const actions = parsed.map(([, definition]) => definition).filter(({ type }) => type === 'workflow-action');
    expect(actions).toHaveLength(6);
    for (const { config } of actions) {
      const clients = config['supportedClients'] as unknown as { client: string }[];
      expect(clients.map(({ client }) => client)).toEqual(['WORKFLOWS', 'AGENTS']);
    }
  });

  /** S0-80: outputs are what later inputs are called. */
  test('chain: what one gives, another takes by the same name', async () => {
    const all = Object.values(await definitions());
    const given = all.flatMap(({ config }) => config.outputFields.map((field) => field.typeDefinition.name));
    const taken = all.flatMap(({ config }) => config.inputFields.map((field) => field.typeDefinition.name));
    for (const name of ['clio_contact_id', 'clio_matter_id']) {
      expect(given).toContain(name);
      expect(taken).toContain(name);
    }
  });
});
