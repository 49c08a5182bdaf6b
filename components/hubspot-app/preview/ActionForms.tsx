import React, { useState } from 'react';

import type { ActionOnPage, Page } from './page';
import { send } from './page';
import { ActionInput } from './ActionInput';

interface Executed {
  status: number;
  outputFields?: Record<string, string>;
}

/** The app's workflow actions, each as a form; running one calls the application as a workflow does. */
export function ActionForms({ page, actions }: { page: Page; actions: ActionOnPage[] }) {
  return (
    <div className="actions">
      {actions.map((action) => (
        <ActionForm key={action.uid} page={page} action={action} />
      ))}
    </div>
  );
}

function ActionForm({ page, action }: { page: Page; action: ActionOnPage }) {
  const { labels, inputFields } = { labels: action.config.labels.en, inputFields: action.config.inputFields };
  const [inputs, setInputs] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [executed, setExecuted] = useState<Executed | string | null>(null);
  const run = async () => {
    setBusy(true);
    const { portal, user, record } = page;
    const inputFields = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== ''));
    const asked = send<Executed>('action', { uid: action.uid, portal, user, record, inputFields });
    setExecuted(await asked.catch((error: unknown) => String(error)));
    setBusy(false);
  };
  return (
    <section className="extension" aria-label={labels.actionName}>
      <h2>{labels.actionName}</h2>
      <p>{labels.actionDescription}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {inputFields.map((field) => (
          <ActionInput
            key={field.typeDefinition.name}
            page={page}
            action={action.uid}
            field={field}
            label={labels.inputFieldLabels?.[field.typeDefinition.name] ?? field.typeDefinition.name}
            value={inputs[field.typeDefinition.name] ?? ''}
            onChange={(value) => setInputs((inputs) => ({ ...inputs, [field.typeDefinition.name]: value }))}
          />
        ))}
        <button className="button primary" disabled={busy}>
          Run
        </button>
      </form>
      {executed !== null && <Outcome executed={executed} action={action} />}
    </section>
  );
}

/** As a workflow's history tells it. */
function Outcome({ executed, action }: { executed: Executed | string; action: ActionOnPage }) {
  if (typeof executed === 'string' || executed.outputFields === undefined) {
    const words = typeof executed === 'string' ? executed : `Status ${executed.status}: HubSpot asks again later.`;
    return (
      <p role="status" className="alert warning">
        {words}
      </p>
    );
  }
  const { hs_execution_state: state = '', errorCode, message, ...outputs } = executed.outputFields;
  const { executionRules, outputFieldLabels } = action.config.labels.en;
  const rule = errorCode === undefined ? undefined : executionRules?.[errorCode];
  return (
    <div role="status" className={`alert ${state === 'SUCCESS' ? 'success' : 'danger'}`}>
      <strong>{state}</strong>
      <p>{message}</p>
      {rule !== undefined && <p>{rule}</p>}
      <dl>
        {Object.entries(outputs).map(([name, value]) => (
          <div key={name}>
            <dt>{outputFieldLabels[name] ?? name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
