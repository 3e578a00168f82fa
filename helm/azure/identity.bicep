// Who the studio is to everything else in Azure: no keys and no passwords for the registry, the files and the vault.
@description('Begins the name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-studio'
  location: location
  tags: tags
}

@description('Resource id, by which apps are given it.')
output id string = identity.id

@description('Object id, to which roles are assigned.')
output principal string = identity.properties.principalId

@description('Client id, by which the studio asks for tokens.')
output client string = identity.properties.clientId
