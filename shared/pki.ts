/** The one door to the third-party PKI library and the polyfill that it needs first. */

import 'reflect-metadata';

export { Pkcs10CertificateRequest } from '@peculiar/x509';
