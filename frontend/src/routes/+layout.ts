export const prerender = true;
// one address per page, and files that any static server finds: /ar/proposals/ is ar/proposals/index.html
export const trailingSlash = 'always';
