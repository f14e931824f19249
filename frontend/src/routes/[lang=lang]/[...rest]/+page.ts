// any address that no page has, in the language it names
export const prerender = false;
