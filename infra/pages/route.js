// Runs in CloudFront before the bucket is asked. An error page of the distribution would also take the place of the
// API's own 403 and 404, so a page that is not there is answered here.
var PAGES = __PAGES__;

function handler(event) {
  var request = event.request;
  if (request.uri === '/') {
    request.uri = '/index.html';
  }
  if (PAGES.indexOf(request.uri) >= 0) {
    return request;
  }
  return {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: {
      'content-type': { value: 'text/html; charset=utf-8' },
      'cache-control': { value: 'no-store' },
    },
    body: { encoding: 'text', data: __NOT_FOUND__ },
  };
}
