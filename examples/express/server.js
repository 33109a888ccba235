import { originOptionsFromSettings } from 'cale-workers/origin';
import { cale } from 'cale-workers/origin/express';
import express from 'express';

const app = express();
// First of all: it verifies and opens what the parsers behind it read. `edge` is the URL that clients ask.
app.use(cale({ edge: 'http://127.0.0.1:8787', ...originOptionsFromSettings(process.env) }));
app.use(express.json());

app.get('/balance', (req, res) => res.json({ owner: req.cale.owner, balance: 42 }));
app.post('/payments', (req, res) => res.status(201).json({ owner: req.cale.owner, paid: req.body }));

app.listen(5005, '127.0.0.1');
