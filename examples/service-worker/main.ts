import { CaleClient } from 'cale-workers/client';

const edge = 'http://127.0.0.1:8787';
const authorization = `Basic ${btoa('alice:wonderland')}`;

// The page registers, since only it can ask a person. The worker has the same IndexedDB, and so the same account.
await CaleClient.loadOrRegister({ edge, authorization });

const { serviceWorker } = navigator;
await serviceWorker.register('/worker.js');
if (serviceWorker.controller === null) {
  await new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
}

// From here on the page knows nothing of CALE.
const output = document.querySelector('output') as HTMLOutputElement;
output.value = await (await fetch('/api/resource')).text();
