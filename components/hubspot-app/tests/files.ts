import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A JSON file of the project. */
export function json<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(ROOT, ...path), 'utf8')) as T;
}

/** A recorded answer of the application. */
export function answer<T>(name: string): T {
  return json<T>('tests', 'answers', `${name}.json`);
}

/** All files below a folder, from the project's root. */
export function below(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return entry.name === 'node_modules' ? [] : below(path);
    }
    return [path];
  });
}
