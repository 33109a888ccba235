/** What the example uses of three packages for React Native, so that it is checked without them. */

declare module 'react-native-keychain' {
  export const ACCESSIBLE: { readonly WHEN_UNLOCKED_THIS_DEVICE_ONLY: string };
  interface ServiceOptions {
    readonly service?: string;
  }
  export function setGenericPassword(
    username: string,
    password: string,
    options?: ServiceOptions & { readonly accessible?: string },
  ): Promise<unknown>;
  export function getGenericPassword(options?: ServiceOptions): Promise<false | { readonly password: string }>;
  export function resetGenericPassword(options?: ServiceOptions): Promise<boolean>;
  export function getAllGenericPasswordServices(): Promise<string[]>;
}

declare module 'react-native-quick-crypto' {
  const crypto: Pick<Crypto, 'subtle' | 'getRandomValues'>;
  export default crypto;
}

declare module 'react-native-url-polyfill/auto' {}
