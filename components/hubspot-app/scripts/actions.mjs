// Writes the definitions of the workflow actions that connectors declare (`[[actions]]` in their files), so that what HubSpot
// shows and what the application does cannot drift apart. A test compares the written files with these.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse } from 'smol-toml';

import { ACTIONS, FAILURES, TRIGGER_SYNC } from './words.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
/** One file for each provider. */
export const CONNECTORS = join(here, '../core/connectors');
/** Where HubSpot looks for the definitions. */
export const DEFINITIONS = join(here, 'src/app/workflow-actions');

const ALL = ['CONTACT', 'COMPANY', 'DEAL', 'TICKET'];

/** HubSpot's types by the kinds that a connector's file knows. Ids are text: that is what our properties hold. */
const KINDS = {
  text: ['string', 'text'],
  email: ['string', 'text'],
  phone: ['string', 'phonenumber'],
  named: ['string', 'text'],
  id: ['string', 'text'],
  note: ['string', 'textarea'],
  date: ['date', 'date'],
  choice: ['enumeration', 'select'],
};

/** All definitions, by the name of their file. */
export async function definitions() {
  const files = { 'trigger-sync-hsmeta.json': triggerSync() };
  for (const file of (await readdir(CONNECTORS)).filter((name) => name.endsWith('.toml')).sort()) {
    const connector = parse(await readFile(join(CONNECTORS, file), 'utf8'));
    const id = connector.id ?? basename(file, '.toml');
    const words = ACTIONS[id] ?? {};
    const declared = (connector.actions ?? []).map(({ name }) => name);
    const unknown = Object.keys(words).filter((name) => !declared.includes(name));
    if (unknown.length > 0) {
      throw new Error(`${file} declares no ${unknown.join(', ')}`);
    }
    for (const action of connector.actions ?? []) {
      if (words[action.name] === undefined) {
        throw new Error(`${id}/${action.name} has no words`);
      }
      files[`${id}-${action.name.replaceAll('_', '-')}-hsmeta.json`] = definition(
        id,
        connector.label,
        action,
        words[action.name],
      );
    }
  }
  return files;
}

function triggerSync() {
  return {
    uid: 'sync300_trigger_sync',
    type: 'workflow-action',
    config: {
      actionUrl: '${PUBLIC_URL}/actions/trigger_sync',
      ...shared(TRIGGER_SYNC, []),
      outputFields: outputs(TRIGGER_SYNC.output.name),
      labels: { en: labels(TRIGGER_SYNC.label, TRIGGER_SYNC, [], TRIGGER_SYNC.output) },
    },
  };
}

function definition(connector, system, action, words) {
  const name = `${system}: ${action.label}`;
  return {
    uid: `sync300_${connector}_${action.name}`,
    type: 'workflow-action',
    config: {
      actionUrl: `\${PUBLIC_URL}/actions/${connector}/${action.name}`,
      ...shared(
        words,
        action.inputs.map((input) => field(connector, input)),
      ),
      outputFields: outputs(action.output),
      labels: { en: labels(name, words, action.inputs, { name: action.output, label: action.output_label }) },
    },
  };
}

/** What every action has: it is a step of workflows and a tool of agents. */
function shared(words, inputFields) {
  const agents = {
    client: 'AGENTS',
    toolType: words.toolType ?? 'TAKE_ACTION',
    llmConfig: { actionDescription: words.agent },
  };
  return {
    isPublished: true,
    supportedClients: [{ client: 'WORKFLOWS' }, agents],
    objectTypes: ALL,
    inputFields,
    executionRules: Object.keys(FAILURES).map((code) => ({ labelName: code, conditions: { errorCode: [code] } })),
  };
}

function field(connector, input) {
  const listed = input.options !== undefined;
  const [type, fieldType] = listed ? KINDS.choice : KINDS[input.kind];
  const choices = input.choices?.map((value, index) => ({ value, label: title(value), displayOrder: index }));
  return {
    typeDefinition: {
      name: input.name,
      type,
      fieldType,
      ...(choices && { options: choices }),
      ...(listed && { optionsUrl: `\${PUBLIC_URL}/actions/${connector}/options/${input.options}` }),
    },
    supportedValueTypes: ['STATIC_VALUE', 'OBJECT_PROPERTY'],
    isRequired: input.required === true,
  };
}

function outputs(name) {
  return [name, 'message', 'errorCode'].map((name) => ({ typeDefinition: { name, type: 'string', fieldType: 'text' } }));
}

function labels(actionName, words, inputs, output) {
  const byName = (list, value) => Object.fromEntries(list.map((input) => [input.name, value(input)]));
  const choices = inputs.filter((input) => input.choices !== undefined);
  return {
    actionName,
    actionDescription: words.description,
    actionCardContent: words.card,
    appDisplayName: '300Sync',
    ...(inputs.length > 0 && { inputFieldLabels: byName(inputs, ({ label }) => label) }),
    ...(choices.length > 0 && {
      inputFieldOptionLabels: byName(choices, ({ choices }) =>
        Object.fromEntries(choices.map((value) => [value, title(value)])),
      ),
    }),
    outputFieldLabels: { [output.name]: output.label, message: 'Message', errorCode: 'Error code' },
    executionRules: FAILURES,
  };
}

function title(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** As the files are written. */
export function text(definition) {
  return `${JSON.stringify(definition, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, definition] of Object.entries(await definitions())) {
    await writeFile(join(DEFINITIONS, name), text(definition));
  }
}
