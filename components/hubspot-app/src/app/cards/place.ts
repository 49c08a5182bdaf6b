/** The record that a card stands on, as HubSpot says. */
export interface CrmRecord {
  objectId: number;
  /** E.g. `0-1`. */
  objectTypeId: string;
}

/** As the application is asked. */
export function place(record: CrmRecord): Record<string, string> {
  return { objectType: record.objectTypeId, objectId: String(record.objectId) };
}
