// Swagger UI on the gateway's own description. Nothing is asked of anybody else: without
// validatorUrl it would send the description's address to swagger.io.
window.addEventListener('load', () => {
  SwaggerUIBundle({
    url: 'openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    docExpansion: 'none',
    filter: true,
    operationsSorter: 'alpha',
    tagsSorter: 'alpha',
    validatorUrl: null,
  });
});
