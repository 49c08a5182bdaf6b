// What actions are called, and what agents are told about them: words that a connector's file has no place for.

/** Of the action that is every connector's. */
export const TRIGGER_SYNC = {
  label: 'Trigger sync',
  description: 'Starts a full sync with all connected systems.',
  card: 'Sync everything with all connected systems',
  toolType: 'TAKE_ACTION',
  agent:
    'Starts a full sync of all records between HubSpot and every connected system, for example Clio. Takes no input. The sync ' +
    'starts within a minute and runs in the background; the answer says which systems are synced, not what changed.',
  output: { name: 'sync_status', label: 'Sync status' },
};

/** Of the connectors' own, by connector and action. */
export const ACTIONS = {
  clio: {
    create_contact: {
      description: 'Creates a person in Clio, and links it to the HubSpot contact that the workflow runs on.',
      card: 'Create the Clio contact {{first_name}} {{last_name}}',
      agent:
        'Creates a person in Clio and answers with the Clio contact ID. Needs a first name or a last name. The company is given ' +
        'by the exact name of a company in Clio, or left out. If the HubSpot contact is linked to a Clio contact already, none ' +
        'is created, and the linked one is answered.',
    },
    create_matter: {
      description: 'Opens a matter in Clio for a contact that is there already.',
      card: 'Create the Clio matter {{name}}',
      agent:
        'Opens a matter in Clio for an existing Clio contact, and answers with the Clio matter ID. Needs the name of the matter ' +
        'and the Clio contact ID: take it from the property "Clio contact ID" of the HubSpot contact or from the output of ' +
        'Create contact. Never invent an ID.',
    },
    create_task: {
      description: 'Creates a task in Clio, for a matter or for the connected user.',
      card: 'Create the Clio task {{name}}',
      agent:
        'Creates a task in Clio and answers with the Clio task ID. With a Clio matter ID the task is the matter’s, and is assigned ' +
        'to its responsible attorney unless an assignee is given; without one it is assigned to the connected user.',
    },
    update_matter_status: {
      description: 'Sets the status of a matter in Clio to open, pending or closed.',
      card: 'Set the Clio matter {{clio_matter_id}} to {{status}}',
      agent:
        'Changes the status of an existing matter in Clio. The status is open, pending or closed, in lower case, and nothing else. ' +
        'Closing a matter is visible to the whole firm: do it only when it was asked for.',
    },
    log_activity: {
      description: 'Writes a note to a contact or a matter in Clio.',
      card: 'Log an activity in Clio',
      agent:
        'Writes a note to an existing contact or matter in Clio, and answers with its ID. Needs the text and a Clio contact ID or ' +
        'a Clio matter ID; with both, the note is the matter’s.',
    },
  },
};

/** What a person reads in a workflow's history where an action did not succeed, by `errorCode`. */
export const FAILURES = {
  input_missing: 'An input that is needed was empty. Nothing was done.',
  input_invalid: 'An input is not of the right kind. Nothing was done.',
  input_too_long: 'An input is too long. Nothing was done.',
  input_unknown_choice: 'An input is none of the words that are allowed. Nothing was done.',
  input_not_found: 'What an input names does not exist. Nothing was done.',
  not_found: 'There is no record with the ID that was given. Nothing was done.',
  refused: 'The other system did not accept what was given. Nothing was done.',
  disconnected: 'The system is not connected: connect it in the settings of 300Sync.',
  not_connected: 'No system is connected: connect one in the settings of 300Sync.',
  restricted: 'Processing is paused for this HubSpot account: an admin can resume it in the settings of 300Sync.',
  portal_unknown: '300Sync is not installed in this HubSpot account.',
  outcome_unknown: 'The other system did not answer. Check there whether this was done before you try again.',
  out_of_time: 'The other system did not get this done within a day. Check there before you try again.',
  plan_payment: 'The subscription of 300Sync is not paid: put the payment right in its settings. Nothing was done.',
  plan_records:
    'This month’s records of the plan are used up: wait for the next month, or choose a larger plan. Nothing was done.',
  ...access('unauthorized', 'revoked', 'token_expired'),
  provider_missing_scope: 'The connected user may not do this in the other system. Nothing was done.',
  provider_conflict: 'The other system has such a record already. Nothing was done.',
  provider_stale: 'The record has changed in the other system meanwhile. Nothing was done: try again.',
  provider_too_large: 'What was given is too long for the other system. Nothing was done.',
  provider_invalid: 'The other system did not accept what was given. Nothing was done.',
  ...ours('provider_gone', 'provider_redirected', 'provider_misconfigured', 'provider_host_not_allowed'),
  ...ours('provider_bad_request', 'provider_answer_too_large', 'provider_unexpected_answer', 'unexpected_answer'),
  ...ours('configuration', 'vault', 'database'),
};

function access(...codes) {
  const words = 'The access to the other system has expired or was withdrawn: reconnect it in the settings of 300Sync.';
  return Object.fromEntries(codes.map((code) => [`provider_${code}`, words]));
}

function ours(...codes) {
  const words = 'Something has to be put right at 300Sync. Quote the error code to support.';
  return Object.fromEntries(codes.map((code) => [code, words]));
}
