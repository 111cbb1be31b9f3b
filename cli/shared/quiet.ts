// Imported before any AWS client: the project supports Node 20 and says so itself.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
