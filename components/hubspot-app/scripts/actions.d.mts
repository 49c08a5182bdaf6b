/** A definition, as far as the tests look at it. */
interface Definition {
  uid: string;
  config: {
    inputFields: { typeDefinition: { name: string } }[];
    outputFields: { typeDefinition: { name: string } }[];
  };
}

export const CONNECTORS: string;
export const DEFINITIONS: string;
export function definitions(): Promise<Record<string, Definition>>;
export function text(definition: Definition): string;
