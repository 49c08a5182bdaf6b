/** What the sandbox says is on a page. */
export interface Page {
  portal: number;
  user: number;
  /** A profile's variables, as extensions are given them. */
  variables: Record<string, string>;
  /** The record that the page is about. */
  record?: { objectId: number; objectTypeId: string };
  extensions: ExtensionOnPage[];
  actions?: ActionOnPage[];
}

export interface ExtensionOnPage {
  title: string;
  /** E.g. `crm.record.tab`. */
  location: string;
  /** The bundle's address. */
  bundle: string;
}

/** A workflow action, as its definition says. */
export interface ActionOnPage {
  uid: string;
  config: {
    inputFields: InputField[];
    outputFields: { typeDefinition: { name: string } }[];
    labels: { en: Labels };
  };
}

export interface InputField {
  typeDefinition: {
    name: string;
    type: string;
    fieldType: string;
    options?: { value: string; label: string }[];
    optionsUrl?: string;
  };
  isRequired: boolean;
}

export interface Labels {
  actionName: string;
  actionDescription: string;
  inputFieldLabels?: Record<string, string>;
  outputFieldLabels: Record<string, string>;
  executionRules?: Record<string, string>;
}

/** Sends something to the fake HubSpot behind the page. */
export async function send<T>(path: string, body: object): Promise<T> {
  const response = await fetch(`/hubspot/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
  return (await response.json()) as T;
}
