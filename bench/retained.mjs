// What keeping the inputs costs when one file changed.
export async function retained() {
  throw new Error('not there yet');
}
