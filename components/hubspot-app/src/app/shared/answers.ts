// What the application answers, as its components say: `components/card-fetch`, `oauth-callback` and `stripe-hook`. Members
// that are not used here are left out. `tests/answers` holds recorded answers, which the components' tests compare.

/** A time as people and programs read it. */
export interface Moment {
  /** Unix milliseconds. */
  at: number;
  /** E.g. `3 minutes ago`. */
  ago: string;
}

export type Status = 'synced' | 'not_synced' | 'error';
export type Syncing = 'no' | 'queued' | 'running';

export interface LastRun extends Moment {
  status: 'success' | 'error';
  message?: string;
  action?: string;
}

/** A record at one connected system. */
export interface ConnectionStatus {
  connection: string;
  connector: string;
  /** The system's name for people. */
  label: string;
  /** The system's name for this kind of record. */
  object: string;
  status: Status;
  code?: string;
  message: string;
  action?: string;
  last_sync: Moment | null;
  syncing: Syncing;
  can_sync: boolean;
  last_run: LastRun | null;
}

/** `GET /cards/status`. */
export interface RecordStatus {
  status: Status;
  message: string;
  action?: string;
  last_sync: Moment | null;
  syncing: Syncing;
  connections: ConnectionStatus[];
}

/** One mapped field on both sides. */
export interface Field {
  property: string;
  label: string;
  source: string;
  provider: string | null;
  hubspot: string | null;
  differs: boolean;
  problem?: string;
}

export interface Problem {
  code: string;
  message: string;
  action: string;
}

export interface RecordAtConnection extends ConnectionStatus {
  /** Opens the very record at the system. */
  link?: string;
  fields: Field[];
  differing: number;
  problem?: Problem;
}

/** `GET /cards/record`. */
export interface RecordValues {
  connections: RecordAtConnection[];
}

/** `POST /cards/sync`. */
export interface Queued {
  state: 'queued' | 'running';
  systems: string[];
  message: string;
  /** Milliseconds after which it is worth asking how it stands. */
  poll_after: number;
}

/** `GET /account`. */
export interface Account {
  portal: number;
  admin: boolean;
  restricted: boolean;
  connections: Connection[];
  available: Connector[];
}

export interface Connection {
  id: string;
  connector: string;
  label: string;
  region: string;
  /** The connected account's name. */
  account: string | null;
  status: 'active' | 'expired' | 'paused' | 'disconnected';
  reason: string | null;
  advice: string | null;
}

export interface Connector {
  connector: string;
  label: string;
  regions: { id: string; label: string }[];
}

/** `GET /cards/settings`, and what the changes of them answer. */
export interface Settings {
  connection: string;
  connector: string;
  label: string;
  admin: boolean;
  /** Of what is shown: a change names it. */
  version: string;
  status: string;
  message?: string;
  action?: string;
  syncing: Syncing;
  last_run: LastRun | null;
  objects: SyncedObject[];
  strategies: { value: Strategy; label: string }[];
  frequency: number;
  frequencies: Frequency[];
  custom_mappings: boolean;
  support: string;
}

/** Which way values travel. */
export type Direction = 'to_hubspot' | 'to_provider' | 'both';
/** Whose value is taken where both sides changed a field. */
export type Strategy = 'last_write_wins' | 'hubspot_wins' | 'provider_wins';
/** What becomes of HubSpot's record of one that is deleted at the system. */
export type OnDelete = 'mark' | 'archive';

export interface SyncedObject {
  name: string;
  label: string;
  plural: string;
  hubspot_object: string;
  enabled: boolean;
  /** Whether HubSpot's edits may travel back at all. */
  bidirectional: boolean;
  direction: Direction;
  strategy: Strategy;
  on_delete: OnDelete;
  /** Whether records that HubSpot alone has can be created at the system, once both ways are chosen. */
  creatable: boolean;
  /** Whether they are. */
  create: boolean;
  /** The HubSpot list whose members alone sync; null: all records. */
  inclusion_list: ChosenList | null;
  /** Whether the mappings are an admin's own. */
  custom: boolean;
  mappings: Mapping[];
}

/** A list of HubSpot's: chosen, or to choose from. */
export interface ChosenList {
  id: string;
  /** Null where HubSpot does not tell. */
  name: string | null;
  size: number | null;
  /** How it is filled, in a sentence. */
  filled?: string;
  /** When a record last came in or left. */
  changed?: Moment;
  /** What is wrong with it. */
  message?: string;
  action?: string;
}

/** `GET /cards/lists`. */
export interface Lists {
  lists: ChosenList[];
  next: string | null;
}

/** What is sent of a mapping. */
export interface Rule {
  source: string;
  property: string;
  transform: string;
  /** Another field, read where `source` is empty. */
  fallback: string | null;
  direction: Direction;
}

export interface Mapping extends Rule {
  label: string;
  /** The ways that can be chosen. */
  directions: Direction[];
  default: boolean;
  /** Without it HubSpot takes no new record. */
  required: boolean;
}

export interface Frequency {
  minutes: number;
  label: string;
  allowed: boolean;
  /** The name of the first plan that has it. */
  needs?: string;
}

/** `GET /cards/fields`. */
export interface Fields {
  properties: Property[];
  sources: Source[];
}

export interface Property {
  name: string;
  label: string;
  /** For people, e.g. `Number`. */
  type: string;
  mapped?: string;
  disabled: boolean;
  reason?: string;
  transform?: string;
}

export interface Source {
  path: string;
  label: string;
  type: string;
  mapped: boolean;
}

/** `POST /cards/test`. */
export interface Tested {
  record: string;
  fields: Field[];
}

/** `GET /cards/review`. */
export interface Review {
  records: Waiting[];
  next: { after_object: string; after: string } | null;
  deletions: { object: string; message: string; since: number }[];
}

/** One of the system's records that is not in step. */
export interface Waiting {
  object: string;
  /** What one of its kind is called. */
  label: string;
  id: string;
  name: string | null;
  /** Opens the very record at the system. */
  link: string | null;
  hubspot_id: string | null;
  code: string;
  message: string;
  action: string;
  ago: string;
  candidates: { id: string; name: string | null }[];
}

/** `POST /cards/review`. */
export interface Decided {
  message: string;
}

/** `GET /cards/preview`. */
export interface Preview {
  object: string;
  plural: string;
  counts: Record<Outcome | 'unchanged', number>;
  records: Planned[];
  more: boolean;
  note?: string;
}

export type Outcome = 'create' | 'link' | 'update' | 'send' | 'make' | 'review' | 'skip';

export interface Planned {
  id: string;
  name: string | null;
  outcome: Outcome;
  hubspot_id: string | null;
  fields: string[];
  message: string | null;
  action: string | null;
}

/** `GET /cards/history`. */
export interface History {
  runs: Run[];
  next: number | null;
}

export interface Run {
  run: number;
  cause: 'scheduled' | 'requested';
  status: 'running' | 'succeeded' | 'failed';
  started: Moment;
  finished: Moment | null;
  message?: string;
  action?: string;
  objects: Counts[];
  errors: RunError[];
}

export interface Counts {
  object: string;
  label: string;
  created: number;
  updated: number;
  linked: number;
  unchanged: number;
  failed: number;
}

export interface RunError {
  label: string;
  code: string;
  property?: string;
  count: number;
  message: string;
  action: string;
}

/** `GET /cards/history.csv`. */
export interface CsvFile {
  name: string;
  csv: string;
  cut: boolean;
}

/** `GET /billing`. */
export interface Billing {
  billing: boolean;
  plan: string | null;
  plan_name: string | null;
  status: string | null;
  period_end: number | null;
  renews: boolean | null;
  usage: { month: string; records: number; records_limit: number | null; api_calls: number };
  connections: number | null;
  plans: Plan[];
  notices: Notice[];
}

export interface Plan {
  id: string;
  name: string;
  current: boolean;
  paid: boolean;
  records_per_month: number | null;
  fastest_minutes: number | null;
  connections: number | null;
  custom_mappings: boolean;
}

export interface Notice {
  code: string;
  message: string;
  action: string;
}

/** A link that opens once, of `POST /oauth/…/ticket`, `/account/ticket`, `/billing/checkout` and `/billing/portal`. */
export interface Opens {
  url: string;
}
