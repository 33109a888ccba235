const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** True for a URL of this machine, which plain http may lead to. */
export const isLoopback = ({ hostname }: URL): boolean => LOOPBACK.includes(hostname);
