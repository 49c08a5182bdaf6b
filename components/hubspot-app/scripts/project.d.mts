export const PROJECT: string;
export function writeProject(): void;
