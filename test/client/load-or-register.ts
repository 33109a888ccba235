/** A program: `node load-or-register.ts EDGE FOLDER` loads the account that is kept in the folder, or registers one. */

import { CaleClient, FileKeyStore } from '../../client/node.ts';

const [, , edge = '', directory = ''] = process.argv;
const store = new FileKeyStore({ directory, passphrase: 'a passphrase of the test' });
const authorization = `Basic ${btoa('alice:wonderland')}`;
const client = await CaleClient.loadOrRegister({ edge, store, authorization, subject: 'one of several programs' });
const { owner } = (await (await client.fetch('/resource')).json()) as { owner: string };
process.stdout.write(owner);
