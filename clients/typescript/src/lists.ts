// Lists over all their pages.

interface Page {
  nextPageToken: string;
}

/** The replies of a list method, page by page: `pages(client.listMembers, {pageSize: 100})`. */
export async function* pages<Request extends object, Reply extends Page>(
  list: (request: Request & { pageToken: string }) => Promise<Reply>,
  request: Request,
): AsyncGenerator<Reply> {
  let pageToken = '';
  do {
    const page = await list({ ...request, pageToken });
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

/** What a list method lists, over all pages: `each(client.listMembers, {}, ({members}) => members)`. */
export async function* each<Request extends object, Reply extends Page, Item>(
  list: (request: Request & { pageToken: string }) => Promise<Reply>,
  request: Request,
  items: (page: Reply) => Item[],
): AsyncGenerator<Item> {
  for await (const page of pages(list, request)) yield* items(page);
}
