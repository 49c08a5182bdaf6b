import type { Direction } from './answers';

/** What HubSpot calls its own properties, as far as connectors fill them by default: the API knows them by name alone. */
const PROPERTIES: Record<string, string> = {
  address: 'Street address',
  city: 'City',
  closedate: 'Close date',
  company: 'Company name',
  content: 'Ticket description',
  dealname: 'Deal name',
  dealstage: 'Deal stage',
  description: 'Description',
  domain: 'Company domain name',
  email: 'Email',
  firstname: 'First name',
  hs_pipeline_stage: 'Ticket status',
  hs_ticket_priority: 'Priority',
  jobtitle: 'Job title',
  lastname: 'Last name',
  name: 'Company name',
  phone: 'Phone number',
  state: 'State/Region',
  subject: 'Ticket name',
  zip: 'Postal code',
};

/** A property as people know it; `label` is what the application calls it, which for most of HubSpot's own is the name. */
export function propertyName(property: string, label: string): string {
  return label === property ? (PROPERTIES[property] ?? property) : label;
}

/** A field of a system as people read it: `primary_address.street` is `Primary address, street`. */
export function fieldName(path: string): string {
  if (path.includes('[')) {
    return path;
  }
  const words = path.replaceAll('_', ' ').replaceAll('.', ', ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Which way values travel, e.g. `Clio to HubSpot`. */
export function wayName(direction: Direction, system: string): string {
  switch (direction) {
    case 'to_hubspot':
      return `${system} to HubSpot`;
    case 'to_provider':
      return `HubSpot to ${system}`;
    case 'both':
      return 'Both ways';
  }
}
