// a reference is known only to the database: the server answers with the shell
export const prerender = false;
