import { config as hubspot } from '@hubspot/eslint-config-ui-extensions';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** What runs inside HubSpot, by HubSpot's own rules; its warnings are errors here. */
const extensions = hubspot.map((part) => ({ ...part, files: ['src/**/*.{ts,tsx}'] }));

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '**/node_modules'] },
  ...tseslint.configs.strict,
  ...extensions,
  {
    files: ['src/**/*.{ts,tsx}', 'preview/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: ['tests/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
);
