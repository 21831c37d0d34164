import { render } from 'preact';
import { App } from './app.tsx';
import { loadIndex } from './data.ts';
import { applyTheme } from './theme.ts';

async function start(root: HTMLElement): Promise<void> {
  try {
    const index = await loadIndex();
    root.replaceChildren();
    render(<App first={index} />, root);
  } catch (error) {
    const why = document.createElement('p');
    why.className = 'notice notice-fail';
    why.textContent = `The documentation's data could not be read. ${error instanceof Error ? error.message : String(error)}`;
    root.replaceChildren(why);
  }
}

applyTheme();
const root = document.getElementById('app');
if (root) start(root);
